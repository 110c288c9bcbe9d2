import assert from 'node:assert/strict';
import { limits } from '../../../src/config/limits.js';
import { Failures } from '../../../src/sources/identity/failures.js';

describe('sources/identity/failures', () => {
  it('are used up by so many in a minute, and fill again', () => {
    const failures = new Failures();
    for (let i = 0; i < 6; i++) {
      assert.equal(failures.isUsedUp('a', 6, 1000), false);
      failures.add('a', 6, 1000);
    }
    assert.equal(failures.isUsedUp('a', 6, 1000), true);
    assert.equal(failures.isUsedUp('b', 6, 1000), false);
    assert.equal(failures.isUsedUp('a', 6, 10_999), true);
    assert.equal(failures.isUsedUp('a', 6, 11_000), false, 'a sixth of a minute for one of six');
    failures.add('a', 6, 11_000);
    assert.equal(failures.isUsedUp('a', 6, 11_000), true);
  });

  it('have no limit where there is none', () => {
    const failures = new Failures();
    for (let i = 0; i < 10; i++) failures.add('a', 0, 0);
    assert.equal(failures.isUsedUp('a', 0, 0), false);
  });

  it('of the address that failed longest ago are forgotten when there are too many', () => {
    const failures = new Failures();
    failures.add('first', 1, 0);
    for (let i = 1; i < limits.maxFailingAddresses; i++) failures.add(`a${i}`, 1, 0);
    assert.equal(failures.isUsedUp('first', 1, 0), true);
    failures.add('one more', 1, 0);
    assert.equal(failures.isUsedUp('first', 1, 0), false);
    assert.equal(failures.isUsedUp('a1', 1, 0), true);
  });
});
