import assert from 'node:assert/strict';
import { concat, NEVER, of, throwError, type Observable } from 'rxjs';
import { budget, type BudgetOptions } from '../../src/operators/budget.js';
import { GatewayError } from '../../src/protocol/errors.js';
import { memoryCounters } from '../../src/stores/memoryCounters.js';
import type { Counters, Taken } from '../../src/streams/counters.js';
import type { Authenticated, Exchange, InSession } from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { service } from '../../src/streams/service.js';
import { collect } from '../../src/testing/collect.js';
import { marbles } from '../../src/testing/marbles.js';
import { enteredCall, sessionOf } from './scenarios.js';

type Call = Exchange & Authenticated & InSession;
type CallOptions = Parameters<typeof enteredCall>[1];

const inSession = (id = 's1', options: CallOptions = {}): Call =>
  enteredCall('tools/call', { version: '2025-11-25', ...options }, sessionOf({ id }));
const of2026 = (user = 'ann', options: CallOptions = {}): Call => ({
  ...enteredCall('tools/call', options),
  principal: knownPrincipal({ id: user }),
});

interface Outcome {
  /** What a result says is left. */
  readonly left: unknown;
  readonly error: GatewayError | undefined;
  readonly replies: readonly Reply[];
}

interface Stage {
  readonly counters: Counters;
  sent: number;
  answers(replies$: Observable<Reply>): void;
  pass(ms: number): void;
  send(call: Call): Outcome;
}

const day = 86_400_000;

const staged = (options: Omit<BudgetOptions, 'counters'>, wrap?: (counters: Counters) => Counters): Stage => {
  let now = 1_000 * day;
  let replies$: Observable<Reply> = of(result({ content: [] }));
  const memory = memoryCounters({ maxKeys: 1000, now: () => now });
  const counters = wrap?.(memory) ?? memory;
  const operator = budget<Call>(
    service(() => {
      stage.sent++;
      return replies$;
    }),
    { counters, ...options },
  );
  const stage: Stage = {
    counters,
    sent: 0,
    answers: (next$) => void (replies$ = next$),
    pass: (ms) => void (now += ms),
    send(call) {
      const replies: Reply[] = [];
      let error: unknown;
      of(call)
        .pipe(operator)
        .subscribe({ next: (reply) => replies.push(reply), error: (reason: unknown) => (error = reason) });
      const last = replies.at(-1);
      const meta = last?.kind === 'result' ? last.result['_meta'] : undefined;
      assert.ok(error === undefined || error instanceof GatewayError, String(error));
      return { replies, error, left: (meta as Record<string, unknown> | undefined)?.['io.sluice/budget'] };
    },
  };
  return stage;
};

/** An answer of so many bytes. */
const ofBytes = (bytes: number): Observable<Reply> => {
  const empty = JSON.stringify({ text: '' }).length;
  return of(result({ text: 'x'.repeat(bytes - empty) }));
};
const codeOf = ({ error }: Outcome): string | undefined => error?.code;

describe('operators/budget', () => {
  it('lets so many calls pass, and refuses the next with the limit in its data', () => {
    const stage = staged({ calls: 2, windowMs: day });
    assert.deepEqual(stage.send(inSession()).left, { budget: { calls: { left: 1, max: 2, resetMs: day } } });
    assert.deepEqual(stage.send(inSession()).left, { budget: { calls: { left: 0, max: 2, resetMs: day } } });
    const { error } = stage.send(inSession());
    assert.equal(error?.code, 'ERR_BUDGET_EXCEEDED');
    assert.equal(error.message, 'The calls of this session are used up (budget.calls: 2)');
    assert.deepEqual(error.data, {
      limit: 'budget.calls',
      max: 2,
      of: 'session',
      remaining: 0,
      retryAfterMs: day,
    });
    assert.equal(error.headers?.['retry-after'], String(day / 1000));
    assert.equal(stage.sent, 2);
  });

  it('begins anew with each window', () => {
    const stage = staged({ calls: 1, windowMs: day });
    stage.send(inSession());
    stage.pass(day - 1);
    assert.equal(codeOf(stage.send(inSession())), 'ERR_BUDGET_EXCEEDED');
    stage.pass(1);
    assert.equal(codeOf(stage.send(inSession())), undefined);
  });

  it('without a window it is for all of the session', () => {
    const stage = staged({ calls: 2 });
    stage.send(inSession());
    for (const days of [3, 6, 6]) {
      stage.pass(days * day);
      stage.send(inSession());
    }
    assert.deepEqual([stage.sent, codeOf(stage.send(inSession('s2')))], [2, undefined]);
  });

  it('counts the tokens of arguments and of answers, four bytes each', () => {
    const stage = staged({ tokens: 100 });
    stage.answers(ofBytes(200));
    // {"name":"x","arguments":{}}: 27 bytes, 7 tokens.
    const call = (): Call => inSession('s1', { params: { name: 'x', arguments: {} } });
    const left = (outcome: Outcome): unknown =>
      (outcome.left as { budget: { tokens: { left: number } } }).budget.tokens.left;
    assert.equal(left(stage.send(call())), 100 - 7 - 50);
    assert.equal(left(stage.send(call())), 0);
    assert.equal(codeOf(stage.send(call())), 'ERR_BUDGET_EXCEEDED');
    assert.equal(stage.sent, 2);
  });

  it('lets the answer that uses it up pass, whatever its size, and no call after that', () => {
    const stage = staged({ tokens: 100 });
    stage.answers(ofBytes(1_000_000));
    assert.equal(stage.send(inSession()).replies.length, 1);
    assert.match(stage.send(inSession()).error?.message ?? '', /^The tokens of this session are used up/);
  });

  it('counts what an error says, and leaves the error as it is', () => {
    const stage = staged({ tokens: 100 });
    const error: Reply = { kind: 'error', error: { code: -1, message: 'x'.repeat(400) } };
    stage.answers(of(error));
    assert.deepEqual(stage.send(inSession()).replies, [error]);
    assert.equal(codeOf(stage.send(inSession())), 'ERR_BUDGET_EXCEEDED');
  });

  it('takes nothing of the answer of a call that fails', () => {
    const stage = staged({ calls: 5, tokens: 100 });
    stage.answers(throwError(() => new GatewayError('ERR_UPSTREAM_FAILED', 'gone')));
    for (let i = 0; i < 5; i++) assert.equal(codeOf(stage.send(inSession())), 'ERR_UPSTREAM_FAILED');
    assert.equal(codeOf(stage.send(inSession())), 'ERR_BUDGET_EXCEEDED');
  });

  it('passes what comes before the answer as it is', () => {
    const stage = staged({ calls: 5 });
    const progress: Reply = {
      kind: 'notification',
      method: 'notifications/progress',
      params: { progress: 1 },
    };
    stage.answers(concat(of(progress), NEVER));
    assert.deepEqual(stage.send(inSession()).replies, [progress]);
  });

  it('keeps what else a result says of itself, and tells of several budgets beside each other', () => {
    const stage = staged({ calls: 5, name: 'inner' });
    stage.answers(of(result({ _meta: { other: 1, 'io.sluice/budget': { outer: { left: 3 } } } })));
    const [reply] = stage.send(inSession()).replies;
    const week = 7 * day;
    assert.deepEqual(reply?.kind === 'result' && reply.result['_meta'], {
      other: 1,
      'io.sluice/budget': { outer: { left: 3 }, inner: { calls: { left: 4, max: 5, resetMs: week } } },
    });
  });

  describe('is', () => {
    const exhaust = (options: Partial<BudgetOptions>, first: Call, second: Call): string | undefined => {
      const stage = staged({ calls: 1, ...options });
      stage.send(first);
      return codeOf(stage.send(second));
    };
    const header = (name: string): CallOptions => ({ headers: { 'x-conversation': name } });
    const meta = (name: unknown): CallOptions => ({ params: { _meta: { 'app/thread': name } } });
    const stranger = (address: string): Call => ({
      ...of2026('anonymous', { address }),
      principal: { ...knownPrincipal({ id: 'anonymous' }), anonymous: true },
    });
    const anns = knownPrincipal({ id: 'ann' });
    const bobs = (call: Call): Call => ({ ...call, principal: { ...anns, id: 'bob' } });
    const byHeader = { per: { header: 'X-Conversation' } };
    const byMeta = { per: { meta: 'app/thread' } };
    for (const [name, options, first, second, isOne] of [
      ['of a session', {}, inSession(), inSession(), true],
      ['not of another session of the same caller', {}, inSession(), inSession('s2'), false],
      ['of the caller where there are no sessions', {}, of2026(), of2026(), true],
      ['not of another caller', {}, of2026(), of2026('bob'), false],
      [
        'per principal: of all sessions of a caller',
        { per: 'principal' },
        inSession(),
        inSession('s2'),
        true,
      ],
      [
        'per header: of a conversation',
        byHeader,
        of2026('ann', header('a')),
        of2026('ann', header('a')),
        true,
      ],
      [
        'per header: not of another one',
        byHeader,
        of2026('ann', header('a')),
        of2026('ann', header('b')),
        false,
      ],
      [
        "per header: not of somebody else's of the same name",
        byHeader,
        of2026('ann', header('a')),
        of2026('bob', header('a')),
        false,
      ],
      ['per header: of the caller who names none', byHeader, of2026(), of2026(), true],
      ['per meta: of a conversation', byMeta, of2026('ann', meta('a')), of2026('ann', meta('a')), true],
      ['per meta: not of another one', byMeta, of2026('ann', meta('a')), of2026('ann', meta('b')), false],
      [
        'per meta: of the caller who names what is no name',
        byMeta,
        of2026('ann', meta(7)),
        of2026('ann', meta({})),
        true,
      ],
      [
        'per meta: of the caller whose name is too long',
        byMeta,
        of2026('ann', meta('x'.repeat(201))),
        of2026('ann', meta('y'.repeat(201))),
        true,
      ],
      ['of the address of strangers', {}, stranger('192.0.2.1'), stranger('192.0.2.1'), true],
      ['not of another address of strangers', {}, stranger('192.0.2.1'), stranger('192.0.2.2'), false],
      ["not of another's session, whatever it is called", {}, inSession(), bobs(inSession()), false],
    ] as const)
      it(name, () =>
        assert.equal(exhaust(options, first, second), isOne ? 'ERR_BUDGET_EXCEEDED' : undefined),
      );
  });

  it('counts calls alone', () => {
    const stage = staged({ calls: 1 });
    for (let i = 0; i < 3; i++)
      assert.equal(
        codeOf(stage.send(enteredCall('completion/complete', { version: '2025-11-25' }, sessionOf()))),
        undefined,
      );
    assert.equal(stage.send(inSession()).left === undefined, false);
  });

  it('tells how it stands in headers', () => {
    const headers: Readonly<Record<string, string>>[] = [];
    const outlet = {
      ...collect(),
      announce: (told: Readonly<Record<string, string>>) => void headers.push(told),
    };
    staged({ calls: 3, windowMs: day }).send(inSession('s1', { outlet }));
    assert.deepEqual(headers, [
      { 'ratelimit-policy': '"budget.calls";q=3;w=86400', ratelimit: '"budget.calls";r=2;t=86400' },
    ]);
  });

  it('waits for counters that are elsewhere, and holds no answer back for them', () =>
    marbles(({ hot, cold, expectObservable }) => {
      const memory = memoryCounters({ maxKeys: 10, now: () => 0 });
      const far: Counters = {
        take: (key, units, limit) => cold('--(t|)', { t: memory.take(key, units, limit) as Taken }),
        close: () => undefined,
      };
      const part = service((_call: Call) => cold<Reply>('-r|', { r: { kind: 'end' } }));
      const calls = hot('a|', { a: inSession() });
      const seen$ = calls.pipe(budget<Call>(part, { counters: far, calls: 1 }));
      expectObservable(seen$).toBe('   ---r|', { r: { kind: 'end' } });
    }));

  it('refuses options that make no sense', () => {
    assert.throws(() => staged({}), /budget: calls or tokens must be given/);
    assert.throws(() => staged({ calls: 0 }), /budget: calls must be at least 1, and is 0/);
    assert.throws(() => staged({ tokens: Number.NaN }), /budget: tokens/);
  });
});
