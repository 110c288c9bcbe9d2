import assert from 'node:assert/strict';
import type { Counters, Limit, Taken } from '../../src/streams/counters.js';
import { settled } from '../support/settled.js';

const day = 86_400_000;

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

    const asked = (key: string, units: number, limit: Limit): Promise<Taken> =>
      settled(counters.take(key, units, limit));
    const take = async (key: string, units: number, limit: Limit): Promise<Omit<Taken, 'fullMs'>> => {
      const { allowed, left, retryMs } = await asked(key, units, limit);
      return { allowed, left, retryMs };
    };
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

    it('a bucket of a rate and a burst: so many at once, and no more than the rate for ever after', async () => {
      // 7 a minute, at most 2 at once: no whole number of milliseconds.
      const limit: Limit = { kind: 'bucket', max: 2, windowMs: (2 * 60_000) / 7 };
      let given = 0;
      for (const end = clock + 60_000; clock < end; clock += 500)
        if ((await take('ann', 1, limit)).allowed) given++;
      assert.equal(given, 2 + 6, 'the seventh would come when the minute is over');
    });

    it('a month is one of the calendar, however long', async () => {
      const limit: Limit = { kind: 'month', max: 2, windowMs: 31 * day };
      clock = Date.UTC(2027, 1, 1);
      for (const left of [1, 0])
        assert.deepEqual(await take('ann', 1, limit), { allowed: true, left, retryMs: 0 });
      clock = Date.UTC(2027, 1, 28, 12);
      assert.deepEqual(await take('ann', 1, limit), { ...empty, retryMs: day / 2 });
      clock = Date.UTC(2027, 2, 1);
      assert.deepEqual(await take('ann', 2, limit), { allowed: true, left: 0, retryMs: 0 });
    });

    it('tells when all of it is there again', async () => {
      const fullMs = async (limit: Limit): Promise<number> => (await asked('ann', 1, limit)).fullMs;
      assert.deepEqual([await fullMs(bucket), await fullMs(bucket)], [1000, 2000]);
      assert.deepEqual([await fullMs(bucket), await fullMs(bucket)], [3000, 3000], 'the last one is refused');
      clock += 2500;
      assert.equal((await asked('bob', 1, quota)).fullMs, 7500);
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
      const limit: Limit = { kind: 'quota', max: 500, windowMs: day };
      const taken = await Promise.all(Array.from({ length: 600 }, () => take('ann', 1, limit)));
      assert.equal(taken.filter(({ allowed }) => allowed).length, 500);
    });
  });
};
