import assert from 'node:assert/strict';
import { of, toArray } from 'rxjs';
import { noteElicitations } from '../../src/operators/noteElicitations.js';
import { Elicitations } from '../../src/streams/elicitations.js';
import type { Authenticated, Exchange, InSession, Resolved } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import { resolvedCall, sessionOf } from './scenarios.js';

type Call = Exchange & Authenticated & InSession & Resolved;

const ask = (params: Readonly<Record<string, unknown>>): Reply => ({
  kind: 'ask',
  method: 'elicitation/create',
  params,
  answer: () => undefined,
});
const complete = (elicitationId: unknown): Reply => ({
  kind: 'notification',
  method: 'notifications/elicitation/complete',
  params: { elicitationId },
});
const progress: Reply = { kind: 'notification', method: 'notifications/progress', params: { progress: 1 } };
const required = (...ids: unknown[]): Reply => ({
  kind: 'error',
  error: {
    code: -32042,
    message: 'needed',
    data: { elicitations: [null, ...ids.map((elicitationId) => ({ mode: 'url', elicitationId }))] },
  },
});
const inSession = (id = 's1'): Call => resolvedCall({}, { version: '2025-11-25' }, sessionOf({ id }));
const modern = (): Call => resolvedCall();

const staged = () => {
  const all = new Elicitations({ maxPerSession: 8, max: 8, ttlMs: 1000, now: () => 0 });
  return {
    all,
    /** What of these replies passes. */
    pass: (call: Call, ...replies: Reply[]): readonly Reply[] => {
      let passed: readonly Reply[] = [];
      of(call)
        .pipe(
          noteElicitations<Call>(
            service(() => of(...replies)),
            all,
          ),
          toArray(),
        )
        .subscribe((given) => (passed = given));
      return passed;
    },
    heardBy: (sessionId: string) => {
      const heard: string[] = [];
      all.of(sessionId).subscribe((id) => heard.push(id));
      return heard;
    },
  };
};

describe('operators/noteElicitations', () => {
  it('notes what is asked by request or by -32042, and lets it pass', () => {
    const { all, pass } = staged();
    const replies = [ask({ mode: 'url', elicitationId: 'a' }), progress, required('b', 'c')];
    assert.deepEqual(pass(inSession(), ...replies), replies);
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => all.take('orders', 's1', id)),
      [true, true, true],
    );
  });

  it('notes nothing of forms, other errors, malformed ids, and of clients without a session', () => {
    const { all, pass } = staged();
    const other: Reply = { kind: 'error', error: { code: -32042, message: 'needed' } };
    pass(inSession(), ask({ elicitationId: 'a' }), required(1, undefined), other, result({}));
    pass(modern(), ask({ mode: 'url', elicitationId: 'a' }), required('b'));
    assert.equal(all.size, 0);
  });

  it('passes on that one of this session is done, once', () => {
    const { pass } = staged();
    const asked = ask({ mode: 'url', elicitationId: 'a' });
    const passed = pass(inSession(), asked, complete('a'), complete('a'), complete(7), result({}));
    assert.deepEqual(passed, [asked, complete('a'), result({})]);
  });

  it('tells another session of the same principal on its own stream, and drops what is nobody’s', () => {
    const { pass, heardBy } = staged();
    pass(inSession('s2'), required('b'));
    assert.deepEqual(pass(inSession(), complete('b'), complete('c'), result({})), [result({})]);
    assert.deepEqual([heardBy('s1'), heardBy('s2')], [[], ['b']]);
  });

  it('tells another principal nothing', () => {
    const { pass, heardBy } = staged();
    pass(inSession('s2'), required('b'));
    pass({ ...inSession(), principal: { ...inSession().principal, id: 'bob' } }, complete('b'));
    assert.deepEqual(heardBy('s2'), []);
  });

  it('keeps it from clients that know no ids', () => {
    const { pass } = staged();
    assert.deepEqual(pass(modern(), complete('a'), result({})), [result({})]);
  });
});
