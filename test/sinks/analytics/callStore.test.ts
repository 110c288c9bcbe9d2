import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordOf } from './recordOf.js';
import { folder, storeIn } from './storeIn.js';

const dayMs = 24 * 3_600_000;
const now = Date.parse('2026-11-21T10:00:00Z');
const daysAgo = (days: number) => new Date(now - days * dayMs).toISOString();
const parquets = (path: string) => readdirSync(path).filter((name) => name.endsWith('.parquet'));

describe('callStore', () => {
  let place: ReturnType<typeof folder>;
  beforeEach(() => (place = folder()));
  afterEach(() => place.remove());

  it('has what it was given, in the columns that are documented', async () => {
    const { store, add, ask } = await storeIn(place.path);
    const record = recordOf(
      {
        time: '2026-11-21T09:59:58.123Z',
        decision: { allow: false, policy: 'mail' },
        outcome: 'forbidden',
        error: 'ERR_FORBIDDEN',
        reason: 'not today',
      },
      { roles: ['clerk', 'night'] },
    );
    assert.equal(await add([record]), 1);
    const { columns, rows } = await ask({ sql: 'SELECT * FROM calls' });
    const row = Object.fromEntries(columns.map(({ name }, index) => [name, rows[0]?.[index]]));
    assert.deepEqual(row, {
      time: '2026-11-21T09:59:58.123Z',
      hour: '2026-11-21T09:00:00Z',
      id: record.id,
      trace_id: record.trace_id,
      gateway: null,
      user: 'ann',
      client: 'desk',
      tenant: 'red',
      principal: 'who',
      auth_method: 'jwt',
      roles: ['clerk', 'night'],
      address: null,
      transport: 'http',
      revision: '2025-11-25',
      namespace: null,
      session: null,
      method: 'tools/call',
      target: 'send_email',
      tool: 'send_email',
      server: 'mail',
      instance: null,
      attempts: 1,
      allowed: false,
      policy: 'mail',
      outcome: 'forbidden',
      failed: true,
      error: 'ERR_FORBIDDEN',
      reason: 'not today',
      bytes_in: 100,
      bytes_out: 400,
      duration_ms: 12.5,
      duration_class: 146,
    });
    store.close();
  });

  it('keeps names that are no good text', async () => {
    const { store, add, ask } = await storeIn(place.path);
    const names = ['half \ud83d', '\\ud83d', 'zero \u0000 byte', `it's "quoted" \\`, '😀'];
    assert.equal(await add(names.map((target) => recordOf({ target }))), names.length);
    const { rows } = await ask({ sql: 'SELECT target FROM calls' });
    assert.deepEqual(
      rows.map(([target]) => target),
      ['half \ufffd', ...names.slice(1)],
    );
    store.close();
  });

  it('leaves out a row that can not be stored, and no other', async () => {
    const { store, add, one } = await storeIn(place.path);
    const records = [recordOf(), recordOf({ bytes_in: -1 }), recordOf(), recordOf()];
    const stored = await add(records);
    assert.equal(await one('SELECT count(*) FROM calls'), stored);
    assert.ok(stored >= 3);
    store.close();
  });

  it('takes a batch once that comes again', async () => {
    const { store, add, one } = await storeIn(place.path);
    const records = [recordOf(), recordOf()];
    await add(records);
    assert.equal(await add(records, true), 0);
    assert.equal(await one('SELECT count(*) FROM calls'), 2);
    store.close();
  });

  it('moves days that are over into a file each, and answers over all of them', async () => {
    const { store, add, one } = await storeIn(place.path);
    await add([
      recordOf({ time: daysAgo(2) }),
      recordOf({ time: daysAgo(1) }),
      recordOf({ time: daysAgo(0) }),
    ]);
    await store.tidy(now);
    assert.deepEqual(parquets(place.path), ['calls-2026-11-19.parquet', 'calls-2026-11-20.parquet']);
    assert.equal(await one('SELECT count(DISTINCT id) FROM calls'), 3);
    // One more of a day that has its file.
    await add([recordOf({ time: daysAgo(2) })]);
    await store.tidy(now);
    assert.ok(existsSync(join(place.path, 'calls-2026-11-19.2.parquet')));
    assert.equal(await one('SELECT count(*) FROM calls'), 4);
    store.close();
    const again = await storeIn(place.path);
    assert.equal(await again.one('SELECT count(*) FROM calls'), 4);
    again.store.close();
  });

  it('finishes, or takes back, the move of a day that was cut off', async () => {
    const first = await storeIn(place.path);
    await first.add([recordOf({ time: daysAgo(1) })]);
    await first.store.tidy(now);
    first.store.close();
    // Cut off before it was noted: the file is no day yet.
    writeFileSync(join(place.path, 'calls-2026-11-18.parquet.new'), 'half a fi');
    const second = await storeIn(place.path);
    assert.equal(await second.one('SELECT count(*) FROM calls'), 1);
    assert.deepEqual(parquets(place.path), ['calls-2026-11-20.parquet']);
    assert.ok(!existsSync(join(place.path, 'calls-2026-11-18.parquet.new')));
    second.store.close();
  });

  it('deletes days that are too old', async () => {
    const { store, add, one, notices } = await storeIn(place.path, { retentionDays: 2 });
    await add([3, 2, 1, 0].map((days) => recordOf({ time: daysAgo(days) })));
    await store.tidy(now);
    assert.deepEqual(parquets(place.path), ['calls-2026-11-19.parquet', 'calls-2026-11-20.parquet']);
    assert.equal(await one('SELECT count(*) FROM calls'), 3);
    assert.deepEqual(
      notices.map(({ event }) => event),
      ['analytics_day_deleted'],
    );
    store.close();
  });

  it('deletes the oldest days while all take too much', async () => {
    const { store, add, notices } = await storeIn(place.path, { maxBytes: 1 });
    await add([2, 1, 0].map((days) => recordOf({ time: daysAgo(days) })));
    await store.tidy(now);
    assert.deepEqual(parquets(place.path), []);
    assert.equal(notices.length, 2);
    store.close();
  });

  it('begins with what can be read, whatever is in the folder', async () => {
    const first = await storeIn(place.path);
    await first.add([recordOf({ time: daysAgo(1) }), recordOf({ time: daysAgo(0) })]);
    await first.store.tidy(now);
    first.store.close();
    const day = join(place.path, 'calls-2026-11-20.parquet');
    truncateSync(day, readFileSync(day).length - 100);
    writeFileSync(join(place.path, 'calls.duckdb'), 'no database');
    const second = await storeIn(place.path);
    assert.deepEqual(
      second.notices.map(({ event }) => event),
      ['analytics_put_aside', 'analytics_put_aside'],
    );
    assert.equal(await second.one('SELECT count(*) FROM calls'), 0);
    assert.ok(existsSync(`${day}.broken`));
    await second.add([recordOf()]);
    assert.equal(await second.one('SELECT count(*) FROM calls'), 1);
    second.store.close();
  });

  it('reads without writing for one who asks while no gateway runs', async () => {
    const first = await storeIn(place.path);
    await first.add([recordOf({ time: daysAgo(1) }), recordOf({ time: daysAgo(0) })]);
    await first.store.tidy(now);
    first.store.close();
    const reader = await storeIn(place.path, { isReadOnly: true });
    assert.equal(await reader.one('SELECT count(*) FROM calls'), 2);
    reader.store.close();
    // Files of days alone, copied from elsewhere.
    rmSync(join(place.path, 'calls.duckdb'));
    const days = await storeIn(place.path, { isReadOnly: true });
    assert.equal(await days.one('SELECT count(*) FROM calls'), 1);
    days.store.close();
  });
});
