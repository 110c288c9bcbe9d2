import assert from 'node:assert/strict';
import { delay, of } from 'rxjs';
import { authorize } from '../../src/operators/authorize.js';
import { memoryCounters } from '../../src/stores/memoryCounters.js';
import { undecided, type Decision } from '../../src/streams/decision.js';
import { limiter } from '../../src/streams/limiter.js';
import type { Prompt } from '../../src/streams/sessions.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { resolvedCall } from './scenarios.js';

const yes: Decision = { allow: true, policy: 'orders', obligations: { mask: ['$.ssn'] } };
const no: Decision = { allow: false, policy: 'orders', obligations: {}, reason: 'not on Sundays' };

const saying = (decision: Prompt<Decision>) =>
  authorize(
    { call: () => decision },
    {
      ofPolicy: (_exchange, name, max) => [
        { key: name, name, by: 'user', limit: { kind: 'bucket', max, windowMs: 60_000 }, isQuota: false },
      ],
    },
    limiter(memoryCounters({ maxKeys: 100 })),
    () => undefined,
  );
const obliging = (obligations: Decision['obligations']) => saying({ ...yes, obligations });

describe('operators/authorize', () => {
  const a = resolvedCall({}, { params: { name: 'orders_get' } });
  const A = { ...a, decision: yes };

  it('passes a call in its frame, with what was decided', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a });
      const subs = '        ^----!';
      const expected = '    --A--|';
      expectObservable(calls.pipe(saying(yes))).toBe(expected, { A });
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('passes it when an answer comes later', () =>
    marbles(({ cold, expectObservable }) => {
      const calls = cold('  --a--|', { a });
      const expected = '    ----A|';
      expectObservable(calls.pipe(saying(of(yes).pipe(delay(2))))).toBe(expected, { A });
    }));

  it('passes what no policy is about', () =>
    marbles(({ cold, expectObservable }) => {
      const calls = cold('  --a--|', { a });
      const expected = '    --A--|';
      expectObservable(calls.pipe(saying(undecided))).toBe(expected, { A: { ...a, decision: undecided } });
    }));

  const refused: [string, Prompt<Decision>, string][] = [
    ['what is denied at once', no, 'ERR_FORBIDDEN'],
    ['what is denied later', of(no), 'ERR_FORBIDDEN'],
    ['what its caller may not even see', { ...no, hidden: true }, 'ERR_HIDDEN'],
    ['what could not be decided', { ...no, fault: 'away' }, 'ERR_POLICY_FAILED'],
    ['what needs a scope', { ...yes, obligations: { scopes: ['orders:write'] } }, 'ERR_SCOPE_INSUFFICIENT'],
  ];
  for (const [what, decision, code] of refused)
    it(`refuses ${what}: ${code}`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const calls = cold('  --a--|', { a });
        const subs = '        ^-!';
        const expected = '    --#';
        expectObservable(calls.pipe(saying(decision), byCode())).toBe(expected, {}, code);
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));

  it("gives the policy's reason, and of what is hidden none", () => {
    assert.throws(() => saying(no).step(a), { message: 'not on Sundays' });
    assert.throws(() => saying({ ...no, hidden: true }).step(a), { message: 'Unknown tool: orders_get' });
  });

  it('tells nobody why nothing could be decided but the log', () => {
    assert.throws(
      () => saying({ ...no, fault: 'http://10.0.0.1 is away' }).step(a),
      (error: Error) => {
        assert.doesNotMatch(error.message, /10\.0/);
        assert.equal(error.cause, 'http://10.0.0.1 is away');
        return true;
      },
    );
  });

  it('does not add headers to what takes none: a child process', () => {
    const server = serverOffering('files', { tools: [] });
    const stdio = { ...server, settings: { ...server.settings, type: 'stdio' } as never };
    assert.throws(() => obliging({ headers: { 'x-team': 'a' } }).step(resolvedCall({ server: stdio })), {
      code: 'ERR_POLICY_FAILED',
    });
  });

  it('counts what may be done so often a minute, and refuses what is too much', () => {
    const twice = obliging({ perMinute: 2 });
    twice.step(resolvedCall());
    twice.step(resolvedCall());
    assert.throws(() => twice.step(resolvedCall()), { code: 'ERR_RATE_LIMITED' });
  });

  it('notes what was decided, also of what it refuses', () => {
    const call = resolvedCall();
    assert.throws(() => saying(no).step(call));
    assert.equal(call.notes.decision, no);
  });

  it('lets go of whom it asks when unsubscribed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--|', { a });
      const asked = cold('    ---y|', { y: yes });
      expectObservable(calls.pipe(saying(asked)), '^---!').toBe('-----');
      expectSubscriptions(asked.subscriptions).toBe('       --^-!');
    }));

  it('passes on an error of its source', () =>
    marbles(({ cold, expectObservable }) => {
      const calls = cold<typeof a>('--#');
      expectObservable(calls.pipe(saying(yes))).toBe('--#');
    }));
});
