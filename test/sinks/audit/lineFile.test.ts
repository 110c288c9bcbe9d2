import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, open as openFile, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LineFile, type LineFileOptions } from '../../../src/sinks/audit/lineFile.js';
import { eventually } from '../../support/eventually.js';

describe('sinks/audit/lineFile', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-lines-'));
    path = join(folder, 'deep', 'trail.ndjson');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = (options: Partial<LineFileOptions> = {}): LineFile =>
    new LineFile({
      path,
      maxBytes: 1e6,
      keep: 3,
      maxPendingBytes: 1e6,
      onState: (failure) => assert.equal(failure, undefined),
      ...options,
    });

  it('appends lines in their order, makes folders, and is for its owner alone', async () => {
    const file = open();
    for (let index = 0; index < 100; index++) file.append(`line ${index}`);
    await file.close();
    const again = open();
    again.append('more');
    await again.close();
    const lines = (await readFile(path, 'utf8')).split('\n');
    assert.deepEqual(lines, [...Array.from({ length: 100 }, (_, index) => `line ${index}`), 'more', '']);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('writes to an open descriptor, which it leaves open, as it is and to nobody but that', async () => {
    const target = await openFile(join(folder, 'out'), 'a');
    const file = open({ fd: target.fd, maxBytes: 1 });
    file.append('one');
    file.append('two');
    await file.close();
    await target.writeFile('three');
    await target.close();
    assert.equal(await readFile(join(folder, 'out'), 'utf8'), 'one\ntwo\nthree');
    assert.equal(existsSync(path), false);
  });

  it('writes soon without being asked', async () => {
    const file = open();
    file.append('one');
    await eventually(5000, 'the line on disk', async () => (await readFile(path, 'utf8')) === 'one\n');
    await file.close();
  });

  it('puts full files aside, the newest as .1, and keeps only so many', async () => {
    const file = open({ maxBytes: 10, keep: 2 });
    for (const name of ['first', 'second', 'third', 'fourth']) {
      file.append(`${name} of more than ten bytes`);
      await eventually(5000, `${name} on disk`, async () => (await readFile(path, 'utf8')).startsWith(name));
    }
    await file.close();
    assert.match(await readFile(`${path}.1`, 'utf8'), /^third/);
    assert.match(await readFile(`${path}.2`, 'utf8'), /^second/);
    assert.equal(existsSync(`${path}.3`), false);
  });

  it('has room for so many bytes and no more, and again when they are written', async () => {
    const file = open({ maxPendingBytes: 10 });
    assert.equal(file.hasRoom, true);
    file.append('0123456789');
    assert.equal(file.hasRoom, false);
    await eventually(5000, 'room', () => file.hasRoom);
    await file.close();
  });

  it('says so when the disk is full, goes on taking what there is room for, and ends all the same', async () => {
    const failures: (string | undefined)[] = [];
    const file = open({ path: '/dev/full', onState: (failure) => failures.push(failure?.code) });
    file.append('lost');
    await eventually(5000, 'the failure', () => failures.length > 0);
    assert.deepEqual(failures, ['ENOSPC']);
    file.append('waits');
    await file.close();
  });

  it('refuses a path that can not be opened', async () => {
    await writeFile(join(folder, 'file'), '');
    assert.throws(() => open({ path: join(folder, 'file', 'trail.ndjson') }), /EEXIST|ENOTDIR/);
  });
});
