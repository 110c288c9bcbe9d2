import assert from 'node:assert/strict';
import { delay, of } from 'rxjs';
import { authorize } from '../../src/operators/authorize.js';
import { undecided, type Decision } from '../../src/streams/decision.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { resolvedCall } from './scenarios.js';

const yes: Decision = { allow: true, policy: 'orders', obligations: { mask: ['$.ssn'] } };
const no: Decision = { allow: false, policy: 'orders', obligations: {}, reason: 'not on Sundays' };

describe('operators/authorize', () => {
  const a = resolvedCall();
  const A = { ...a, decision: yes };

  it('passes a call in its frame, with what was decided', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a });
      const subs = '        ^----!';
      const expected = '    --A--|';
      expectObservable(calls.pipe(authorize(() => yes))).toBe(expected, { A });
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('passes it when an answer comes later', () =>
    marbles(({ cold, expectObservable }) => {
      const calls = cold('  --a--|', { a });
      const expected = '    ----A|';
      expectObservable(calls.pipe(authorize(() => of(yes).pipe(delay(2))))).toBe(expected, { A });
    }));

  it('passes what no policy is about', () =>
    marbles(({ cold, expectObservable }) => {
      const calls = cold('  --a--|', { a });
      const expected = '    --A--|';
      expectObservable(calls.pipe(authorize(() => undecided))).toBe(expected, {
        A: { ...a, decision: undecided },
      });
    }));

  for (const [when, decide] of [
    ['at once', () => no],
    ['later', () => of(no)],
  ] as const)
    it(`refuses what is denied ${when}: ERR_FORBIDDEN`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const calls = cold('  --a--|', { a });
        const subs = '        ^-!';
        const expected = '    --#';
        expectObservable(calls.pipe(authorize(decide), byCode())).toBe(expected, {}, 'ERR_FORBIDDEN');
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));

  it("gives the policy's reason", () => {
    assert.throws(() => authorize(() => no).step(a), { message: 'not on Sundays' });
  });

  it('lets go of whom it asks when unsubscribed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a });
      const asked = cold('    ---y|', { y: yes });
      expectObservable(calls.pipe(authorize(() => asked)), '^---!').toBe('-----');
      expectSubscriptions(asked.subscriptions).toBe('       --^-!');
    }));

  it('passes on an error of its source', () =>
    marbles(({ cold, expectObservable }) => {
      const calls = cold<typeof a>('--#');
      expectObservable(calls.pipe(authorize(() => yes))).toBe('--#');
    }));
});
