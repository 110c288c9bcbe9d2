import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, mkdtemp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
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

  const open = ({ maxBytes = 1e6, maxPendingBytes = 1e6, keep = 9, chained = true } = {}) => {
    const file = new LineFile({
      path,
      maxBytes,
      keep,
      maxPendingBytes,
      onState: () => undefined,
      ...(chained && { seal: fileChain({ path, key, keep }) }),
    });
    const trail = new AuditTrail({
      sink: file,
      format: auditLine,
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
  /** What is wrong with the trail, as `FILE:LINE FAULT`. */
  const wrong = async (): Promise<readonly string[]> =>
    (await verifiedTrail(path, key)).faults.map(
      ({ file, line, fault, isHarmless }) => `${basename(file)}:${line} ${isHarmless ? 'note' : fault}`,
    );
  const change = async (edit: (lines: string[]) => void, file = path): Promise<void> => {
    const lines = (await readFile(file, 'utf8')).split('\n');
    edit(lines);
    await writeFile(file, lines.join('\n'));
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

  it('finds out lines that nobody sealed, whatever they look like', async () => {
    await write(5);
    const whole = await readFile(path, 'utf8');
    for (const forged of ['{"kind":"call","fake":1}', '{"kind":"call","fa', '', '\r', 'fake']) {
      await writeFile(path, whole);
      await change((lines) => lines.splice(2, 0, forged));
      assert.deepEqual(await wrong(), ['audit.ndjson:3 incomplete'], JSON.stringify(forged));
    }
    await writeFile(path, `${whole}{"kind":"call","fake":1}\n`);
    assert.deepEqual(await wrong(), ['audit.ndjson:6 incomplete']);
    await writeFile(path, whole.replace('\n', '\r\n'));
    assert.deepEqual(await wrong(), ['audit.ndjson:1 incomplete', 'audit.ndjson:2 beginning']);
  });

  it('finds out half a record that stands elsewhere than a gateway was killed', async () => {
    await write(2);
    await appendFile(path, '{"version":1,"time":"2026-');
    await write(2);
    await change((lines) => lines.splice(1, 0, '{"version":1,"time":"2026-'));
    assert.deepEqual(await wrong(), ['audit.ndjson:2 incomplete', 'audit.ndjson:4 note']);
    await change((lines) => {
      lines.splice(1, 1);
      lines[2] = '{"version":1,"kind":"call","who":"somebody else';
    });
    assert.deepEqual(await wrong(), ['audit.ndjson:3 incomplete']);
  });

  it('takes the separators of lines that JSON leaves as they are for no end of a line', async () => {
    const { file, trail } = open();
    for (const text of ['a\u2028b', 'a\u2029b', 'a\u0085b', 'a\rb'])
      trail.record({ kind: 'call', arguments: { text } });
    await file.close();
    const { records, faults } = await verifiedTrail(path, key);
    assert.deepEqual({ records, faults }, { records: 4, faults: [] });
  });

  describe('of which parts are gone', () => {
    /** Files of one record each, `keep` aside. */
    const rotate = async (times: number, keep: number): Promise<void> => {
      for (let time = 0; time < times; time++) await write(1, { maxBytes: 100, keep });
    };

    it('is whole where rotation has removed what was before', async () => {
      await rotate(7, 2);
      const { records, first, faults } = await verifiedTrail(path, key);
      assert.deepEqual({ records, first, faults }, { records: 3, first: 5, faults: [] });
    });

    it('is whole where more or fewer files are kept than before', async () => {
      await rotate(6, 2);
      await rotate(3, 4);
      assert.deepEqual(await wrong(), []);
      await rotate(2, 1);
      assert.deepEqual(await wrong(), []);
      const { files } = await verifiedTrail(path, key);
      assert.deepEqual(
        files.map((file) => basename(file)),
        ['audit.ndjson.1', 'audit.ndjson'],
      );
    });

    for (const keep of [3, 9])
      it(`lacks its oldest file, with ${keep} to be kept`, async () => {
        await rotate(6, keep);
        await rm(`${path}.${Math.min(5, keep)}`);
        const oldest = Math.min(5, keep) - 1;
        assert.deepEqual(await wrong(), [`audit.ndjson.${oldest}:1 beginning`]);
      });

    it('lacks a file in the middle, and the newest', async () => {
      await rotate(4, 9);
      await write(1);
      const text = await readFile(path);
      await rm(`${path}.2`);
      assert.deepEqual(await wrong(), ['audit.ndjson.2:0 missing']);
      await rm(path);
      await rm(`${path}.1`);
      assert.deepEqual(await wrong(), ['audit.ndjson:0 missing']);
      await writeFile(path, text);
      assert.deepEqual(await wrong(), ['audit.ndjson.1:0 missing']);
    });

    it('lacks its first records', async () => {
      await write(3);
      await write(3);
      await change((lines) => lines.splice(0, 3));
      assert.deepEqual(await wrong(), ['audit.ndjson:1 beginning']);
    });

    it('lacks the first records of the oldest file that rotation has left', async () => {
      await write(3, { maxBytes: 100, keep: 1 });
      await write(3, { maxBytes: 100, keep: 1 });
      await write(3, { keep: 1 });
      assert.deepEqual(await wrong(), []);
      await change((lines) => lines.splice(0, 1), `${path}.1`);
      assert.deepEqual(await wrong(), ['audit.ndjson.1:1 beginning']);
    });

    for (const [what, lose] of [
      ['emptied', () => writeFile(path, '')],
      ['taken away', () => rename(path, `${path}-taken`)],
      ['removed', () => rm(path)],
      ['replaced', () => rename(path, `${path}-old`).then(() => writeFile(path, ''))],
    ] as const)
      it(`was ${what} while it was written`, async () => {
        const { file, trail } = open();
        trail.record({ kind: 'call', index: 0 });
        await eventually(5000, 'the first record', async () => (await readFile(path, 'utf8')) !== '');
        await lose();
        await eventually(5000, 'a record in a new file', async () => {
          trail.record({ kind: 'call', index: 1 });
          return existsSync(path) && (await readFile(path, 'utf8')) !== '';
        });
        await file.close();
        assert.deepEqual(await wrong(), ['audit.ndjson:1 beginning']);
        await write(1);
        assert.deepEqual(await wrong(), ['audit.ndjson:1 beginning'], 'after a restart');
      });

    it('was put aside by somebody else as the gateway does it', async () => {
      const { file, trail } = open();
      trail.record({ kind: 'call', index: 0 });
      await eventually(5000, 'the first record', async () => (await readFile(path, 'utf8')) !== '');
      await rename(path, `${path}.1`);
      await eventually(5000, 'a record in a new file', () => {
        trail.record({ kind: 'call', index: 1 });
        return existsSync(path);
      });
      await file.close();
      assert.deepEqual(await wrong(), []);
    });
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
