import { map, NEVER, of, throwError, timer } from 'rxjs';
import { refusal } from '../../src/protocol/errors.js';
import { openSession } from '../../src/operators/openSession.js';
import type { Session, SessionStore } from '../../src/streams/sessions.js';
import { byCode } from '../../src/testing/byCode.js';
import type { CallOptions } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { annsCall, sessionOf } from './scenarios.js';

/** A store that has one session, at hand or after a while. */
const storeOf = (
  session: Session,
  get: SessionStore['get'] = (id) => (id === session.id ? session : undefined),
): SessionStore => ({
  get,
  put: () => undefined,
  delete: () => true,
  changes$: NEVER,
  size: 1,
  close: () => undefined,
});
const mine = sessionOf();
const legacy = { version: '2025-11-25' } as const;

describe('operators/openSession', () => {
  const passes: [string, string, CallOptions, Session, Session | undefined][] = [
    ['a call in its session', 'tools/list', { ...legacy, sessionId: 's1' }, mine, mine],
    ['a 2026 call, which has none', 'tools/list', { sessionId: 's1' }, mine, undefined],
    ['initialize without one', 'initialize', legacy, mine, undefined],
    ['initialize with one that has ended', 'initialize', { ...legacy, sessionId: 'old' }, mine, undefined],
    [
      'a batch in a session that knows them',
      'ping',
      { version: '2025-03-26', sessionId: 's1', batch: true },
      sessionOf({ batches: true }),
      sessionOf({ batches: true }),
    ],
    [
      'a session of its namespace',
      'ping',
      { ...legacy, sessionId: 's1', namespace: 'team' },
      sessionOf({ namespace: 'team' }),
      sessionOf({ namespace: 'team' }),
    ],
  ];
  for (const [name, method, options, stored, session] of passes)
    it(`passes ${name} in its frame`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const a = annsCall(method, options);
        const calls = cold('  --a--|', { a });
        const subs = '        ^----!';
        const expected = '    --A--|';
        expectObservable(calls.pipe(openSession(storeOf(stored)))).toBe(expected, { A: { ...a, session } });
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));

  const refuses: [string, string, CallOptions, Session, string][] = [
    ['a call without session id', 'tools/list', legacy, mine, 'ERR_SESSION_REQUIRED'],
    ['a session that has ended', 'tools/list', { ...legacy, sessionId: 'old' }, mine, 'ERR_SESSION_UNKNOWN'],
    [
      "somebody else's session",
      'tools/list',
      { ...legacy, sessionId: 's1' },
      sessionOf({ principalId: 'bob' }),
      'ERR_SESSION_UNKNOWN',
    ],
    [
      'a session of another namespace',
      'tools/list',
      { ...legacy, sessionId: 's1', namespace: 'team' },
      mine,
      'ERR_SESSION_UNKNOWN',
    ],
    ['a second initialize', 'initialize', { ...legacy, sessionId: 's1' }, mine, 'ERR_SESSION_EXISTS'],
    [
      'a batch in a session that knows none',
      'ping',
      { version: '2025-03-26', sessionId: 's1', batch: true },
      mine,
      'ERR_INVALID_REQUEST',
    ],
  ];
  for (const [name, method, options, stored, code] of refuses)
    it(`refuses ${name}: ${code}`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const calls = cold('  --a--|', { a: annsCall(method, options) });
        const subs = '        ^-!';
        const expected = '    --#';
        expectObservable(calls.pipe(openSession(storeOf(stored)), byCode())).toBe(expected, {}, code);
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));

  const a = annsCall('tools/list', { ...legacy, sessionId: 's1' });

  it('waits for a store that is elsewhere', () =>
    marbles(({ cold, expectObservable }) => {
      const remote = storeOf(mine, () => timer(3).pipe(map(() => mine)));
      const calls = cold('  --a--|', { a });
      const expected = '    -----(A|)';
      expectObservable(calls.pipe(openSession(remote))).toBe(expected, { A: { ...a, session: mine } });
    }));

  it('refuses what a store elsewhere does not know', () =>
    marbles(({ cold, expectObservable }) => {
      const remote = storeOf(mine, () => of(undefined));
      const calls = cold('  --a--|', { a });
      const expected = '    --#';
      expectObservable(calls.pipe(openSession(remote), byCode())).toBe(expected, {}, 'ERR_SESSION_UNKNOWN');
    }));

  it('passes on an error of the store', () =>
    marbles(({ cold, expectObservable }) => {
      const remote = storeOf(mine, () => throwError(() => refusal('ERR_SESSIONS_EXHAUSTED', '')));
      const calls = cold('  --a--|', { a });
      const expected = '    --#';
      expectObservable(calls.pipe(openSession(remote), byCode())).toBe(
        expected,
        {},
        'ERR_SESSIONS_EXHAUSTED',
      );
    }));

  it('drops the question when unsubscribed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const answer = cold('   ---s|', { s: mine });
      const calls = cold('  --a--|', { a });
      const subs = '        ^---!';
      const answerSubs = '  --^-!';
      expectObservable(calls.pipe(openSession(storeOf(mine, () => answer))), '^---!').toBe('-----');
      expectSubscriptions(calls.subscriptions).toBe(subs);
      expectSubscriptions(answer.subscriptions).toBe(answerSubs);
    }));
});
