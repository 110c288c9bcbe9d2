import assert from 'node:assert/strict';
import type { Counters, Limit, Taken } from '../../src/streams/counters.js';
import { settled } from '../support/settled.js';

/**
 * What all counters have to do, wherever they count.
 *
 * @param make counters that have counted nothing, by the clock that is given; they are closed after each test
 */
export const countersContract = (
  name: string,
  make: (now: () => number) => Counters | Promise<Counters>,
): void => {
  describe(`${name}: counters`, () => {
    let counters: Counters;
    let clock: number;
    beforeEach(async () => {
      clock = Date.UTC(2026, 10, 21);
      counters = await make(() => clock);
    });
    afterEach(() => counters.close());

    const take = (key: string, units: number, limit: Limit): Promise<Taken> =>
      settled(counters.take(key, units, limit));
    const bucket: Limit = { kind: 'bucket', max: 3, windowMs: 3000 };
    const quota: Limit = { kind: 'quota', max: 2, windowMs: 10_000 };
    const empty = { allowed: false, left: 0 };

    it('a bucket gives what it holds, and then what flows in', async () => {
      for (const left of [2, 1, 0])
        assert.deepEqual(await take('ann', 1, bucket), { allowed: true, left, retryMs: 0 });
      assert.deepEqual(await take('ann', 1, bucket), { ...empty, retryMs: 1000 });
      clock += 600;
      assert.deepEqual(await take('ann', 1, bucket), { ...empty, retryMs: 400 });
      clock += 400;
      assert.deepEqual(await take('ann', 1, bucket), { allowed: true, left: 0, retryMs: 0 });
      clock += 60_000;
      assert.deepEqual(await take('ann', 3, bucket), { allowed: true, left: 0, retryMs: 0 });
    });

    it('a quota gives so much in each window, however late in it', async () => {
      clock += 9000;
      for (const left of [1, 0])
        assert.deepEqual(await take('ann', 1, quota), { allowed: true, left, retryMs: 0 });
      assert.deepEqual(await take('ann', 1, quota), { ...empty, retryMs: 1000 });
      clock += 1000;
      assert.deepEqual(await take('ann', 2, quota), { allowed: true, left: 0, retryMs: 0 });
      clock += 9999;
      assert.deepEqual(await take('ann', 1, quota), { ...empty, retryMs: 1 });
    });

    it('gives all or nothing, and never more than there ever is', async () => {
      assert.equal((await take('ann', 2, bucket)).allowed, true);
      assert.deepEqual(await take('ann', 2, bucket), { allowed: false, left: 1, retryMs: 1000 });
      assert.equal((await take('ann', 1, bucket)).allowed, true);
      assert.deepEqual(await take('bob', 4, bucket), { allowed: false, left: 3, retryMs: Infinity });
    });

    it('counts each key for itself, whatever it looks like', async () => {
      for (const key of ['ann', 'ann ', '', 'ä\0\n', 'x'.repeat(10_000), '__proto__'])
        assert.deepEqual(await take(key, 2, quota), { allowed: true, left: 0, retryMs: 0 });
      assert.deepEqual(await take('__proto__', 1, quota), { ...empty, retryMs: 10_000 });
    });

    it('is exact where nobody else counts', async () => {
      const limit: Limit = { kind: 'quota', max: 500, windowMs: 86_400_000 };
      const taken = await Promise.all(Array.from({ length: 600 }, () => take('ann', 1, limit)));
      assert.equal(taken.filter(({ allowed }) => allowed).length, 500);
    });
  });
};
