import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import type { Secrets } from '../../src/protocol/sealer.js';
import { fileGrants } from '../../src/stores/fileGrants.js';
import type { GrantRecord, GrantStore } from '../../src/streams/grants.js';

const read = (store: GrantStore, key: string) => lastValueFrom(store.read(key));
const write = (store: GrantStore, key: string, record: GrantRecord) =>
  lastValueFrom(store.write(key, record), { defaultValue: undefined });
const grant = (accessToken: string): GrantRecord => ({
  clients: {},
  grant: { issuer: 'https://as.example', resource: 'https://mcp.example', scopes: [], accessToken },
});

describe('stores/fileGrants', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-grants-'));
    path = join(folder, 'deep', 'oauth.json');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('gives back what was written, to other processes too, for the owner only', async () => {
    const store = fileGrants({ path, secrets: undefined });
    assert.equal(await read(store, 'a'), undefined);
    await write(store, 'a', grant('one'));
    await write(store, 'b', grant('two'));
    const other = fileGrants({ path, secrets: undefined });
    assert.deepEqual(await read(other, 'a'), grant('one'));
    assert.deepEqual(await read(other, 'b'), grant('two'));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder, 'deep'))).mode & 0o777, 0o700);
    assert.deepEqual(await readdir(join(folder, 'deep')), ['oauth.json'], 'nothing is left beside it');
  });

  it('loses nothing when many write at the same time', async () => {
    const keys = Array.from({ length: 20 }, (_, n) => `server${n}`);
    await Promise.all(keys.map((key) => write(fileGrants({ path, secrets: undefined }), key, grant(key))));
    const store = fileGrants({ path, secrets: undefined });
    for (const key of keys) assert.deepEqual(await read(store, key), grant(key));
  });

  it('seals the file, opens it with an older key too, and not with another', async () => {
    const [older, newer, foreign] = [randomBytes(32), randomBytes(32), randomBytes(32)];
    await write(fileGrants({ path, secrets: [older] }), 'a', grant('very-secret'));
    assert.ok(!(await readFile(path, 'utf8')).includes('very-secret'));
    const rotated: Secrets = [newer, older];
    assert.deepEqual(await read(fileGrants({ path, secrets: rotated }), 'a'), grant('very-secret'));
    for (const secrets of [[foreign] as const, undefined])
      await assert.rejects(read(fileGrants({ path, secrets }), 'a'), {
        code: 'ERR_UPSTREAM_UNAUTHORIZED',
        message: /sealed with a key that `state.keys` does not have/,
      });
  });

  it('reads a file of before there were keys, and seals it with the next token', async () => {
    await write(fileGrants({ path, secrets: undefined }), 'a', grant('one'));
    const store = fileGrants({ path, secrets: [randomBytes(32)] });
    assert.deepEqual(await read(store, 'a'), grant('one'));
    await write(store, 'b', grant('two'));
    assert.ok(!(await readFile(path, 'utf8')).includes('one'));
    assert.deepEqual(await read(store, 'a'), grant('one'));
  });

  it('says that a file is none of its own, and leaves it as it is', async () => {
    const file = join(folder, 'other.json');
    await writeFile(file, 'something else');
    const store = fileGrants({ path: file, secrets: undefined });
    await assert.rejects(read(store, 'a'), {
      code: 'ERR_UPSTREAM_UNAUTHORIZED',
      message: /is no file of grants/,
    });
    await assert.rejects(write(store, 'a', grant('one')), { code: 'ERR_UPSTREAM_UNAUTHORIZED' });
    assert.equal(await readFile(file, 'utf8'), 'something else');
  });

  it('is not held up by the lock of a process that has died', async () => {
    const file = join(folder, 'oauth.json');
    await writeFile(`${file}.lock`, '');
    const before = new Date(Date.now() - 60_000);
    await utimes(`${file}.lock`, before, before);
    await write(fileGrants({ path: file, secrets: undefined }), 'a', grant('one'));
    assert.deepEqual(await readdir(folder), ['oauth.json']);
  });
});
