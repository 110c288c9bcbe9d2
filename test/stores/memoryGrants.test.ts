import assert from 'node:assert/strict';
import { lastValueFrom } from 'rxjs';
import { memoryGrants } from '../../src/stores/memoryGrants.js';
import { grantsContract } from './grants.contract.js';

describe('stores/memoryGrants', () => {
  const store = memoryGrants();
  grantsContract(() => store);

  it('keeps so many and no more', async () => {
    const small = memoryGrants(2);
    for (const key of ['a', 'b', 'a', 'c'])
      await lastValueFrom(small.write(key, { clients: {} }), { defaultValue: undefined });
    const kept = await Promise.all(['a', 'b', 'c'].map((key) => lastValueFrom(small.read(key))));
    assert.deepEqual(
      kept.map((record) => record !== undefined),
      [true, false, true],
    );
  });
});
