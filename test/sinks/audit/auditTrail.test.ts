import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditLine } from '../../../src/sinks/audit/auditLine.js';
import { AuditTrail } from '../../../src/sinks/audit/auditTrail.js';
import { fileChain } from '../../../src/sinks/audit/fileChain.js';
import { LineFile } from '../../../src/sinks/audit/lineFile.js';
import { verifiedTrail } from '../../../src/sinks/audit/verifiedTrail.js';
import { eventually } from '../../support/eventually.js';

const key = Buffer.alloc(32, 3);

describe('sinks/audit/auditTrail', () => {
  let folder: string;
  let path: string;
  let dropped: number;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-trail-'));
    path = join(folder, 'audit.ndjson');
    dropped = 0;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = ({ maxBytes = 1e6, maxPendingBytes = 1e6, chained = true } = {}) => {
    const file = new LineFile({ path, maxBytes, keep: 9, maxPendingBytes, onState: () => undefined });
    const trail = new AuditTrail({
      sink: file,
      format: auditLine,
      ...(chained && { seal: fileChain(file, path, key) }),
      onRecord: (isTaken) => void (dropped += Number(!isTaken)),
    });
    const record = (more: object): void =>
      trail.record({ time: '2026-11-21T00:00:00.000Z', kind: 'stopped', ...more });
    return { file, trail: { record } };
  };
  const write = async (count: number, options = {}): Promise<void> => {
    const { file, trail } = open(options);
    for (let index = 0; index < count; index++) trail.record({ kind: 'call', index });
    await file.close();
  };

  it('goes on with its chain after a restart, and over files put aside', async () => {
    await write(3);
    await write(2, { maxBytes: 100 });
    await write(4, { maxBytes: 100 });
    const { files, records, first, last, faults } = await verifiedTrail(path, key);
    assert.deepEqual(
      { records, first, seq: last?.seq, faults },
      { records: 9, first: 1, seq: 9, faults: [] },
    );
    assert.ok(files.length > 2, String(files));
  });

  it('goes on after a file put aside that is larger than a text can be', async () => {
    await write(3);
    const records = await readFile(path, 'utf8');
    await truncate(path, 700 * 1024 * 1024); // takes no room on the disk
    await appendFile(path, `\n${records}`);
    await rename(path, `${path}.1`);
    await write(1);
    assert.equal((JSON.parse(await readFile(path, 'utf8')) as { seq: number }).seq, 4);
  });

  it('goes on after half a record, which is a note and no fault', async () => {
    await write(3);
    await appendFile(path, '{"version":1,"time":"2026-');
    assert.deepEqual((await verifiedTrail(path, key)).faults, [
      { file: path, line: 4, fault: 'incomplete', isHarmless: true },
    ]);
    await write(1);
    const { records, faults } = await verifiedTrail(path, key);
    assert.equal(records, 4);
    assert.deepEqual(faults, [{ file: path, line: 4, fault: 'incomplete', isHarmless: true }]);
  });

  it('finds out a record that was made to look like half of one', async () => {
    await write(5);
    const lines = (await readFile(path, 'utf8')).split('\n');
    lines[2] = lines[2]?.slice(0, 40) ?? '';
    await writeFile(path, lines.join('\n'));
    const { faults } = await verifiedTrail(path, key);
    assert.deepEqual(
      faults.map(({ line, fault, isHarmless }) => [line, fault, isHarmless]),
      [
        [3, 'incomplete', false],
        [4, 'removed', false],
      ],
    );
  });

  it('counts what found no room, and says so in the next record', async () => {
    const { file, trail } = open({ maxPendingBytes: 300 });
    for (let index = 0; index < 10; index++) trail.record({ kind: 'call', index });
    assert.ok(dropped > 0 && dropped < 10, String(dropped));
    await eventually(5000, 'room', () => file.hasRoom);
    trail.record({ kind: 'call', index: 10 });
    await file.close();
    const records = (await readFile(path, 'utf8')).trim().split('\n');
    const parsed = records.map((line) => JSON.parse(line) as { kind: string; count?: number });
    assert.deepEqual(
      parsed.filter(({ kind }) => kind === 'dropped').map(({ count }) => count),
      [dropped],
    );
    assert.equal(parsed.length, 10 - dropped + 2);
    assert.deepEqual((await verifiedTrail(path, key)).faults, []);
  });

  it('writes plain records where no chain is wanted', async () => {
    await write(1, { chained: false });
    const record = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    assert.deepEqual(Object.keys(record), ['version', 'time', 'kind', 'index']);
  });
});
