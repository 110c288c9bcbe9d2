import { map, of, timer } from 'rxjs';
import { limitCalls } from '../../src/operators/limitCalls.js';
import { limitRate } from '../../src/operators/limitRate.js';
import { memoryCounters } from '../../src/stores/memoryCounters.js';
import type { Counters } from '../../src/streams/counters.js';
import { limiter } from '../../src/streams/limiter.js';
import type { Claim, RateLimits } from '../../src/streams/rateLimits.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { enteredCall, targetOf } from './scenarios.js';

const two: Claim = {
  key: 'ann',
  name: 'two',
  by: 'user',
  limit: { kind: 'quota', max: 2, windowMs: 10_000 },
  isQuota: false,
};
const rates: RateLimits = { ofMessage: () => [two], ofCall: () => [two], ofPolicy: () => [] };
const exact = (): Counters => memoryCounters({ maxKeys: 9, now: () => 0 });
/** They answer after three frames. */
const far = (near = exact()): Counters => ({
  take: (key, units, limit) => timer(3).pipe(map(() => near.take(key, units, limit) as never)),
  close: () => undefined,
});

const a = { ...enteredCall('tools/call'), target: targetOf() };
const operators = {
  limitRate: (counters: Counters) => limitRate(rates, limiter(counters)),
  limitCalls: (counters: Counters) => limitCalls(rates, limiter(counters)),
};

for (const [name, operator] of Object.entries(operators))
  describe(`operators/${name}`, () => {
    it('passes what there is room for, in its frame, and refuses what is too much', () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const calls = cold('--a--a-----a--|', { a });
        const subs = '      ^----------!';
        const expected = '  --a--a-----#';
        expectObservable(calls.pipe(operator(exact()), byCode())).toBe(expected, { a }, 'ERR_RATE_LIMITED');
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));

    it('waits where counting takes a while', () =>
      marbles(({ cold, expectObservable }) => {
        const calls = cold('--a--a-----a--|', { a });
        const expected = '  -----a--a-----#';
        expectObservable(calls.pipe(operator(far()), byCode())).toBe(expected, { a }, 'ERR_RATE_LIMITED');
      }));

    it('emits nothing for a caller who has left meanwhile', () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const calls = cold('--a-----|', { a });
        const unsubscribed = '---!';
        expectObservable(calls.pipe(operator(far())), unsubscribed).toBe('----', { a });
        expectSubscriptions(calls.subscriptions).toBe('^--!');
      }));

    it("passes a source's error on", () =>
      marbles(({ cold, expectObservable }) => {
        expectObservable(cold<typeof a>('-#').pipe(operator(exact()))).toBe('-#');
      }));

    it('takes nothing where nothing is limited', () =>
      marbles(({ expectObservable }) => {
        const free: RateLimits = { ...rates, ofMessage: () => [], ofCall: () => [] };
        const broken: Counters = {
          take: () => {
            throw new Error('asked');
          },
          close: () => undefined,
        };
        const unlimited =
          name === 'limitRate' ? limitRate(free, limiter(broken)) : limitCalls(free, limiter(broken));
        expectObservable(of(a).pipe(unlimited)).toBe('(a|)', { a });
      }));
  });
