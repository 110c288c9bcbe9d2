import assert from 'node:assert/strict';
import { memoryCounters } from '../../src/stores/memoryCounters.js';
import { countersContract } from './counters.contract.js';

countersContract('stores/memoryCounters', (now) => memoryCounters({ maxKeys: 100, now }));

describe('stores/memoryCounters', () => {
  it('forgets the key unused for longest when there are too many', () => {
    const counters = memoryCounters({ maxKeys: 2, now: () => 0 });
    const limit = { kind: 'quota', max: 1, windowMs: 1000 } as const;
    const isAllowed = (key: string): boolean => {
      const taken = counters.take(key, 1, limit);
      assert.ok('allowed' in taken, 'at hand');
      return taken.allowed;
    };
    assert.deepEqual(['a', 'b', 'a', 'c'].map(isAllowed), [true, true, false, true]);
    assert.deepEqual(['a', 'b'].map(isAllowed), [false, true]);
  });
});
