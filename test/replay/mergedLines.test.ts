import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import * as zlib from 'node:zlib';
import { mergedLines } from '../../src/replay/mergedLines.js';
import { recordingFiles } from '../../src/replay/recordingFiles.js';
import { zstdInJavaScript } from '../../src/replay/zstdInJavaScript.js';

const { zstdCompressSync } = zlib as unknown as { readonly zstdCompressSync: (data: Buffer) => Buffer };

const header = (id: string, part = 1, startedAt = '2026-11-21T10:00:00.000Z') =>
  JSON.stringify({ kind: 'recording', version: 1, id, part, started_at: startedAt, release: '1', sample: 1 });
const call = (n: number, t: number, lane = 'c:1') =>
  JSON.stringify({ kind: 'call', n, t, lane, transport: 'http', revision: '2025-06-18', method: 'ping' });

describe('replay/mergedLines', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'merged-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** What is read from some files: number, time and lane of each line, and what was warned of. */
  const read = async (files: Readonly<Record<string, string | Buffer>>) => {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    const warnings: string[] = [];
    const { read: lines } = await mergedLines(await recordingFiles([folder]));
    const found: unknown[] = [];
    for await (const line of lines({ read: () => undefined, warn: (text) => warnings.push(text) }))
      found.push([line.n % 2 ** 40, line.t, line.kind === 'call' ? line.lane : '']);
    return { found, warnings: warnings.map((text) => text.replace(`${folder}/`, '')) };
  };
  const text = (...lines: string[]): string => lines.map((line) => `${line}\n`).join('');

  it('reads the parts of a recording one after another, however they are packed', async () => {
    const { found, warnings } = await read({
      'a-1.ndjson': text(header('a'), call(1, 5)),
      'a-2.ndjson.gz': zlib.gzipSync(text(header('a', 2), call(2, 10))),
      'a-3.ndjson.zst': zstdCompressSync(Buffer.from(text(header('a', 3), call(3, 15)))),
    });
    assert.deepEqual(found, [
      [1, 0, '0/c:1'],
      [2, 5, '0/c:1'],
      [3, 10, '0/c:1'],
    ]);
    assert.deepEqual(warnings, []);
  });

  it('reads zstd on a Node that can not', async () => {
    const whole = text(header('a'), ...Array.from({ length: 5000 }, (_, n) => call(n, n)));
    const packed = Readable.from([zstdCompressSync(Buffer.from(whole))]);
    assert.equal(await textOf(packed.pipe(zstdInJavaScript())), whole);
  });

  it('puts what several processes recorded at a time in order: their connections are theirs, sessions go on elsewhere', async () => {
    const { found } = await read({
      'a.ndjson': text(header('a'), call(1, 0), call(2, 20, 's:x')),
      'b.ndjson': text(header('b', 1, '2026-11-21T10:00:00.005Z'), call(1, 5), call(2, 10, 's:x')),
    });
    assert.deepEqual(found, [
      [1, 0, '0/c:1'],
      [1, 10, '1/c:1'],
      [2, 15, 's:x'],
      [2, 20, 's:x'],
    ]);
  });

  it('lets recordings of other days follow after a second', async () => {
    const { found } = await read({
      'a.ndjson': text(header('a'), call(1, 0), call(2, 20)),
      'b.ndjson': text(header('b', 1, '2026-11-23T10:00:00.000Z'), call(1, 500)),
    });
    assert.deepEqual(found, [
      [1, 0, '0/c:1'],
      [2, 20, '0/c:1'],
      [1, 1020, '1/c:1'],
    ]);
  });

  it('gives what there is of a file that was cut off', async () => {
    const lines = Array.from({ length: 2000 }, (_, n) => call(n + 1, Math.random()));
    const whole = {
      gz: zlib.gzipSync(text(header('a'), ...lines)),
      zst: zstdCompressSync(Buffer.from(text(header('b'), ...lines))),
    };
    for (const [ending, bytes] of Object.entries(whole)) {
      const name = `cut.ndjson.${ending}`;
      const { found, warnings } = await read({ [name]: bytes.subarray(0, bytes.length - 10) });
      assert.ok(found.length > 0, ending);
      assert.match(warnings.join(), /ends in the middle/);
      await rm(join(folder, name));
    }
  });

  it('does not take a damaged file for one that was cut off', async () => {
    const bytes = zlib.gzipSync(text(header('a'), ...Array.from({ length: 2000 }, (_, n) => call(n + 1, n))));
    const middle = bytes.length >> 1;
    bytes.fill(0, middle, middle + 100);
    await assert.rejects(read({ 'bad.ndjson.gz': bytes }), {
      name: 'RecordingError',
      message: /bad\.ndjson\.gz is damaged, or can not be read to its end \(Z_\w+\)$/,
    });
  });

  it('leaves out what it does not know, and says so', async () => {
    const { found, warnings } = await read({
      'a.ndjson': text(header('a'), call(1, 0), '{"kind":"later","n":1,"t":1}', '{"half', call(2, 1)),
    });
    assert.equal(found.length, 2);
    assert.deepEqual(warnings, [
      'a.ndjson:4 is no JSON and left out',
      'a.ndjson: 1 line is left out, of a kind that is not known',
    ]);
  });
});
