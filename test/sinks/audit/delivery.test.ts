import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildConnector } from 'undici';
import { Delivery } from '../../../src/sinks/audit/delivery.js';
import { Spool } from '../../../src/sinks/audit/spool.js';
import { eventually } from '../../support/eventually.js';
import { startReceiver, type Receiver } from '../../support/startReceiver.js';

describe('sinks/audit: a spool and its delivery', () => {
  let folder: string;
  let receiver: Receiver;
  let results: (readonly [string, string | undefined])[];
  const open: { spool: Spool; delivery?: Delivery }[] = [];
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-spool-'));
    receiver = await startReceiver();
    results = [];
  });
  afterEach(async () => {
    for (const { spool, delivery } of open.splice(0)) {
      await spool.close();
      await delivery?.close();
    }
    await receiver.close();
    await rm(folder, { recursive: true, force: true });
  });

  const spooled = (maxBytes = 1e6): Spool => {
    const known: { spool: Spool; delivery?: Delivery } = {
      spool: new Spool({
        folder,
        maxBytes,
        maxPendingBytes: 1e6,
        onState: () => undefined,
        onBatch: () => known.delivery?.wake(),
      }),
    };
    open.push(known);
    return known.spool;
  };
  const deliver = (spool: Spool, headers = () => ({}), encode = (lines: string) => lines): Delivery => {
    const delivery = new Delivery({
      spool,
      url: `${receiver.url}/records?from=me`,
      headers,
      contentType: 'application/x-ndjson',
      encode,
      timeoutMs: 2000,
      connect: buildConnector({}),
      onResult: (result, why) => results.push([result, why]),
    });
    const known = open.find((one) => one.spool === spool) ?? assert.fail();
    known.delivery = delivery;
    return delivery;
  };
  const waiting = async () => (await readdir(folder)).filter((name) => name.endsWith('.ndjson'));
  const until = (what: string, isTrue: () => boolean | Promise<boolean>) => eventually(10_000, what, isTrue);

  it('brings lines in their order, with what the receiver wants to see, and keeps nothing', async () => {
    const spool = spooled();
    deliver(spool, () => ({ authorization: 'Bearer t' }));
    spool.append('{"a":1}');
    spool.append('{"a":2}');
    await until('two lines', () => receiver.records().length === 2);
    assert.deepEqual(receiver.records(), [{ a: 1 }, { a: 2 }]);
    const [{ path, headers } = assert.fail()] = receiver.batches;
    assert.equal(path, '/records?from=me');
    assert.equal(headers.authorization, 'Bearer t');
    assert.equal(headers['content-type'], 'application/x-ndjson');
    await until('an empty spool', async () => (await waiting()).length === 0);
    assert.equal(spool.waitingBytes, 0);
  });

  it('sends what failed again, under the same id, until it is taken', async () => {
    receiver.answer((response) => response.writeHead(503).end());
    const spool = spooled();
    deliver(spool);
    spool.append('{"a":1}');
    await until('a failure', () => results.length > 0);
    receiver.answer();
    await until('the line', () => receiver.records().length === 1);
    const ids = new Set(receiver.batches.map(({ headers }) => headers['idempotency-key']));
    assert.equal(ids.size, 1);
    assert.deepEqual(results[0], ['retried', '503']);
    assert.deepEqual(results.at(-1), ['sent', undefined]);
  });

  it('waits as long as it is told to', async () => {
    let first = 0;
    receiver.answer((response) => {
      first ||= performance.now();
      response.writeHead(429, { 'retry-after': '2' }).end();
    });
    const spool = spooled();
    deliver(spool);
    spool.append('{"a":1}');
    await until('a failure', () => first > 0);
    receiver.answer();
    await until('the line', () => receiver.records().length === 1);
    assert.equal(receiver.batches.length, 2, 'not asked in between');
  });

  it('puts a batch aside that is never taken, and goes on with the next', async () => {
    receiver.answer((response) => response.writeHead(400).end());
    const spool = spooled();
    deliver(spool);
    spool.append('{"a":1}');
    await until('a refusal', () => results.length > 0);
    receiver.answer();
    spool.append('{"a":2}');
    await until('the next line', () => receiver.records().length === 1);
    assert.deepEqual(receiver.records(), [{ a: 2 }]);
    assert.equal((await readdir(folder)).filter((name) => name.endsWith('.refused')).length, 1);
    assert.equal(spool.waitingBytes, 0);
  });

  it('puts a batch aside that is not what was written, and goes on', async () => {
    const before = spooled();
    before.append('{"a":1}');
    await before.close();
    const [file = ''] = await waiting();
    await writeFile(join(folder, file), '\0\0\0');
    const spool = spooled();
    deliver(spool, undefined, (lines) => JSON.stringify(JSON.parse(lines)));
    spool.append('{"a":2}');
    await until('the next line', () => receiver.records().length === 1);
    assert.deepEqual(receiver.records(), [{ a: 2 }]);
    assert.equal(results[0]?.[0], 'refused');
    assert.equal((await readdir(folder)).filter((name) => name.endsWith('.refused')).length, 1);
  });

  it('goes on where another process has ended, and forgets what that had half written', async () => {
    const before = spooled();
    before.append('{"a":1}');
    await before.close();
    await writeFile(join(folder, '999999999999.ndjson.part'), '{"a":');
    const [file] = await waiting();
    const after = spooled();
    assert.equal(after.first?.file, join(folder, file ?? ''));
    after.append('{"a":2}');
    deliver(after);
    await until('both lines', () => receiver.records().length === 2);
    assert.deepEqual(receiver.records(), [{ a: 1 }, { a: 2 }]);
    assert.deepEqual(
      (await readdir(folder)).filter((name) => name.endsWith('.part')),
      [],
    );
  });

  it('takes so many bytes and no more until some are delivered', async () => {
    const spool = spooled(100);
    while (spool.hasRoom) spool.append('x'.repeat(30));
    assert.ok(spool.waitingBytes >= 100 && spool.waitingBytes < 140, String(spool.waitingBytes));
    await until('the batch on disk', async () => (await waiting()).length === 1);
    assert.equal(spool.hasRoom, false);
    deliver(spool);
    await until('room', () => spool.hasRoom);
  });

  it('ends at once where the receiver is away, and keeps what it has', async () => {
    await receiver.close();
    const spool = spooled();
    const delivery = deliver(spool);
    spool.append('{"a":1}');
    await until('a failure', () => results.length > 0);
    await spool.close();
    await delivery.close();
    assert.equal((await waiting()).length, 1);
    receiver = await startReceiver();
  });
});
