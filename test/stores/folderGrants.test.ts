import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFile, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import type { Secrets } from '../../src/protocol/sealer.js';
import { folderGrants } from '../../src/stores/folderGrants.js';
import type { GrantRecord, GrantStore } from '../../src/streams/grants.js';
import { grantsContract } from './grants.contract.js';

const grant = (accessToken: string): GrantRecord => ({
  clients: {},
  grant: { issuer: 'https://as.example', resource: '', scopes: [], accessToken },
});
const read = (store: GrantStore, key: string) => lastValueFrom(store.read(key));
const write = (store: GrantStore, key: string, record: GrantRecord) =>
  lastValueFrom(store.write(key, record), { defaultValue: undefined });

describe('stores/folderGrants', () => {
  const secret = randomBytes(32);
  let path: string;
  const store = (max = 100, secrets: Secrets = [secret]) => folderGrants({ path, secrets, max });
  const files = async () => (await readdir(path)).map((name) => join(path, name));

  beforeEach(async () => {
    path = join(await mkdtemp(join(tmpdir(), 'sluice-people-')), 'deep');
  });
  afterEach(() => rm(join(path, '..'), { recursive: true, force: true }));

  grantsContract(() => store());

  it('is for its owner only, and tells neither tokens nor whose they are', async () => {
    await write(store(), 'key of ann', grant('very-secret'));
    const [file = ''] = await files();
    assert.equal((await stat(path)).mode & 0o777, 0o700);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.doesNotMatch(`${file} ${await readFile(file, 'utf8')}`, /ann|very-secret/);
  });

  it('opens with an older secret too; what was sealed with another is not there', async () => {
    await write(store(), 'a', grant('one'));
    assert.deepEqual(await read(store(9, [randomBytes(32), secret]), 'a'), grant('one'));
    assert.equal(await read(store(9, [randomBytes(32)]), 'a'), undefined);
  });

  it('gives nobody the grant of another by moving its file', async () => {
    await write(store(), 'ann', grant('of ann'));
    const [ofAnn = ''] = await files();
    await write(store(), 'eve', grant('of eve'));
    const ofEve = (await files()).find((file) => file !== ofAnn) ?? '';
    await copyFile(ofAnn, ofEve);
    assert.equal(await read(store(), 'eve'), undefined);
    assert.deepEqual(await read(store(), 'ann'), grant('of ann'));
  });

  it('keeps so many, the newest', async () => {
    await write(store(2), 'a', grant('a'));
    const [first = ''] = await files();
    await utimes(first, new Date(0), new Date(0));
    for (const key of ['b', 'c']) await write(store(2), key, grant(key));
    assert.equal(await read(store(2), 'a'), undefined);
    assert.deepEqual(await read(store(2), 'c'), grant('c'));
    assert.equal((await files()).length, 2);
  });

  it('says so when it can not be read, without its path', async () => {
    await assert.rejects(read(folderGrants({ path: `${path}\u0000`, secrets: [secret], max: 1 }), 'a'), {
      code: 'ERR_UPSTREAM_UNAUTHORIZED',
      message: /^A grant can not be read \(ERR_INVALID_ARG_VALUE\)$/,
    });
  });
});
