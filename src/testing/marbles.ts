import assert from 'node:assert/strict';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';

/**
 * Runs a test in virtual time: streams are drawn as marbles and asserted when `test` returns. One column is one millisecond.
 *
 * @example
 * ```ts
 * it('passes what comes', () =>
 *   marbles(({ cold, expectObservable, expectSubscriptions }) => {
 *     const calls = cold('  --a--|');
 *     const subs = '        ^----!';
 *     const expected = '    --a--|';
 *     expectObservable(calls.pipe(identity)).toBe(expected);
 *     expectSubscriptions(calls.subscriptions).toBe(subs);
 *   }));
 * ```
 */
export const marbles = (test: (run: RunHelpers) => void): void =>
  new TestScheduler((actual, expected) => assert.deepEqual(actual, expected)).run(test);
