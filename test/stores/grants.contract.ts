import assert from 'node:assert/strict';
import { lastValueFrom } from 'rxjs';
import type { GrantRecord, GrantStore } from '../../src/streams/grants.js';

/** Whether it keeps what it should: the suite of every store of grants. `open` gives the same one to all who ask in one test. */
export const grantsContract = (open: () => GrantStore): void => {
  const read = (key: string) => lastValueFrom(open().read(key));
  const write = (key: string, record: GrantRecord) =>
    lastValueFrom(open().write(key, record), { defaultValue: undefined });
  const record = (accessToken: string, more: Partial<GrantRecord['grant']> = {}): GrantRecord => ({
    clients: {},
    grant: {
      issuer: 'https://as.example',
      resource: 'https://mcp.example',
      scopes: ['a'],
      accessToken,
      ...more,
    },
  });

  it('knows nothing of what was never written', async () => assert.equal(await read('never'), undefined));

  it('gives back what was written last, by key', async () => {
    await write('ann', record('one'));
    await write('bob', record('two', { refreshToken: 'again', expiresAt: Date.now() + 60_000 }));
    await write('ann', record('three'));
    assert.deepEqual(await read('ann'), record('three'));
    assert.equal((await read('bob'))?.grant?.refreshToken, 'again');
  });

  it('takes keys of any text', async () => {
    for (const key of ['', '__proto__', 'a b', 'ä\u0000/..', 'x'.repeat(2000)]) {
      await write(key, record(`of ${key.length}`));
      assert.deepEqual(await read(key), record(`of ${key.length}`), key);
    }
  });
};
