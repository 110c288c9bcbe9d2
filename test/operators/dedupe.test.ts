import assert from 'node:assert/strict';
import { mergeMap, of, Subject, timer, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { dedupe, type DedupeOptions } from '../../src/operators/dedupe.js';
import { refusal } from '../../src/protocol/errors.js';
import type { Params } from '../../src/protocol/jsonrpc.js';
import { memoryIdempotency } from '../../src/stores/memoryIdempotency.js';
import type { Authenticated, Exchange, InSession, Principal, Resolved } from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import type { IdempotencyStore } from '../../src/streams/idempotencyStore.js';
import { prompted } from '../../src/streams/prompted.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import type { CallOptions } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { ann, resolvedCall } from './scenarios.js';

type Call = Exchange & Authenticated & InSession & Resolved;

const r = result({ content: [] });
const again = result({ content: [], _meta: { 'io.sluice/replayed': true } });
const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const i = result({ resultType: 'input_required', inputRequests: {} });
const e: Reply = { kind: 'error', error: { code: -32000, message: 'no' } };
const answered: Reply[] = [];
const a: Reply = {
  kind: 'ask',
  method: 'elicitation/create',
  params: {},
  answer: (answer) => answered.push(answer as never),
};
const values = { r, R: again, n, i, e, a };

interface Asked extends CallOptions {
  readonly key?: unknown;
  readonly args?: Params;
  readonly principal?: Principal;
}
const pay = ({ key = 'k', args = { sum: 1 }, principal = ann, ...options }: Asked = {}): Call => ({
  ...resolvedCall(
    {},
    { params: { name: 'pay', arguments: args, _meta: { 'io.sluice/idempotencyKey': key } }, ...options },
  ),
  principal,
});

/** Sends calls through one operator; each call upstream is the next of the parts that are drawn. */
const running = ({ cold }: RunHelpers, options?: Partial<DedupeOptions>) => {
  const drawn: Observable<Reply>[] = [];
  let sent = 0;
  const operator = dedupe<Call>(
    mergeMap(() => drawn[sent++] as Observable<Reply>),
    { store: memoryIdempotency(), ttlMs: 100, ...options },
  );
  return {
    part: (marble: string, error?: unknown) => {
      const source = cold<Reply>(marble, values, error);
      drawn.push(source);
      return source;
    },
    send: (at: string, call: Call): Observable<unknown> => cold(at, { a: call }).pipe(operator, byCode()),
  };
};

describe('operators/dedupe', () => {
  it('joins a call that is under way, and gives the kept answer after that, until its time has come', () =>
    marbles((run) => {
      const { part, send } = running(run, { ttlMs: 10 });
      const first = part('                       --n-(r|)');
      const second = part('                      -(r|)');
      run.expectObservable(send('(a|)', pay())).toBe('--n-(r|)', values);
      run.expectObservable(send('-(a|)', pay())).toBe('--n-(r|)', values);
      run.expectObservable(send('------(a|)', pay())).toBe('------(R|)', values);
      run.expectObservable(send('----------(a|)', pay())).toBe('-----------(r|)', values);
      run.expectSubscriptions(first.subscriptions).toBe('^---!');
      run.expectSubscriptions(second.subscriptions).toBe('----------^!');
    }));

  it('refuses another call under the same key: ERR_KEY_REUSED', () =>
    marbles((run) => {
      const { part, send } = running(run);
      part('---(r|)');
      run.expectObservable(send('(a|)', pay())).toBe('---(r|)', values);
      run.expectObservable(send('-(a|)', pay({ args: { sum: 2 } }))).toBe('-#', values, 'ERR_KEY_REUSED');
      run
        .expectObservable(send('----(a|)', pay({ args: { sum: 2 } })))
        .toBe('----#', values, 'ERR_KEY_REUSED');
    }));

  it('a call goes on when its caller has left, and who asks again gets its answer', () =>
    marbles((run) => {
      const { part, send } = running(run);
      const upstream = part('               ------(r|)');
      run.expectObservable(send('(a|)', pay()), '--!').toBe('-', values);
      run.expectObservable(send('----(a|)', pay())).toBe('------(r|)', values);
      run.expectObservable(send('-------(a|)', pay())).toBe('-------(R|)', values);
      run.expectSubscriptions(upstream.subscriptions).toBe('^-----!');
    }));

  it('but not for ever: then its fate is unknown, and it is not made again', () =>
    marbles((run) => {
      const { part, send } = running(run, { lingerMs: 3 });
      const upstream = part('--------------');
      run.expectObservable(send('(a|)', pay()), '--!').toBe('-', values);
      run.expectObservable(send('------(a|)', pay())).toBe('------#', values, 'ERR_UPSTREAM_TIMEOUT');
      run.expectSubscriptions(upstream.subscriptions).toBe('^----!');
    }));

  for (const [version, end, expected] of [
    ['2025-11-25', '^--!', '----#'],
    ['2026-07-28', '^------!', '-------(r|)'],
  ] as const)
    it(`${version}: a call that is cancelled ${end === '^--!' ? 'ends, and is not made again' : 'goes on, for there leaving is cancelling'}`, () =>
      marbles((run) => {
        const { part, send } = running(run);
        const upstream = part('-------(r|)');
        const call = pay({ version });
        run.cold('--(x|)').subscribe(() => (call.notes.outcome = 'cancelled'));
        run.expectObservable(send('(a|)', call), '---!').toBe('-', values);
        run.expectObservable(send('----(a|)', pay())).toBe(expected, values, 'ERR_CANCELLED');
        run.expectSubscriptions(upstream.subscriptions).toBe(end);
      }));

  for (const [what, error, code] of [
    ['nothing has happened', refusal('ERR_UPSTREAM_UNREACHABLE', 'no'), undefined],
    ['there was no room', refusal('ERR_SERVER_BUSY', 'no'), undefined],
    ['the fate is unknown', refusal('ERR_UPSTREAM_FAILED', 'no'), 'ERR_UPSTREAM_FAILED'],
    ['something is wrong in the gateway', new Error('no'), 'ERR_INTERNAL'],
  ] as const)
    it(`where ${what}, ${code === undefined ? 'the key may be used again' : 'it is not made again'}`, () =>
      marbles((run) => {
        const { part, send } = running(run);
        part('-#', error);
        part('-(r|)');
        const first = code ?? (error as { code?: string }).code;
        run.expectObservable(send('(a|)', pay())).toBe('-#', values, first);
        const expected = code === undefined ? '---(r|)' : '--#';
        run.expectObservable(send('--(a|)', pay())).toBe(expected, values, code);
      }));

  it('keeps the error of a server as it is, and forgets what asks for something', () =>
    marbles((run) => {
      const { part, send } = running(run);
      part('(i|)');
      part('(e|)');
      const round = pay();
      run.expectObservable(send('(a|)', pay())).toBe('(i|)', values);
      const answers = { ...round.message.params, inputResponses: { q: {} }, requestState: 's' };
      const next = { ...round, message: { ...round.message, params: answers } };
      run.expectObservable(send('-(a|)', next)).toBe('-(e|)', values);
      run.expectObservable(send('--(a|)', pay())).toBe('--(e|)', values);
    }));

  it('what a server asks for goes to the first caller alone; where that has left, the server is told', () =>
    marbles((run) => {
      const { part, send } = running(run);
      part('                                --a--a-(r|)');
      run.expectObservable(send('(a|)', pay()), '---!').toBe('--a', values);
      run.expectObservable(send('-(a|)', pay())).toBe('-------(r|)', values);
      run.flush();
      assert.equal(answered.length, 1);
      assert.ok('error' in (answered[0] as object));
    }));

  it('refuses more callers than may wait: ERR_KEY_PENDING', () =>
    marbles((run) => {
      const { part, send } = running(run, { maxWaiting: 1 });
      part('---(r|)');
      run.expectObservable(send('(a|)', pay())).toBe('---(r|)', values);
      run.expectObservable(send('-(a|)', pay())).toBe('-#', values, 'ERR_KEY_PENDING');
    }));

  it('a call that is under way at another instance is refused; its answer is had when the store has it', () =>
    marbles((run) => {
      const store = memoryIdempotency();
      const here = running(run, { store });
      const there = running(run, { store });
      there.part('---(r|)');
      run.expectObservable(there.send('(a|)', pay())).toBe('---(r|)', values);
      run.expectObservable(here.send('-(a|)', pay())).toBe('-#', values, 'ERR_KEY_PENDING');
      run.expectObservable(here.send('----(a|)', pay())).toBe('----(R|)', values);
    }));

  it('waits for a store that has to be asked', () =>
    marbles((run) => {
      const memory = memoryIdempotency();
      const store: IdempotencyStore = {
        ...memory,
        begin: (key, call) => timer(2).pipe(mergeMap(() => prompted(memory.begin(key, call)))),
      };
      const { part, send } = running(run, { store });
      part('-(r|)');
      run.expectObservable(send('(a|)', pay())).toBe('---(r|)', values);
      run.expectObservable(send('----(a|)', pay())).toBe('------(R|)', values);
    }));

  it('an answer that is too large is not kept, nor is the call made again: ERR_ANSWER_DROPPED', () =>
    marbles((run) => {
      const { part, send } = running(run, { maxAnswer: 10 });
      part('(r|)');
      run.expectObservable(send('(a|)', pay())).toBe('(r|)', values);
      run.expectObservable(send('-(a|)', pay())).toBe('-#', values, 'ERR_ANSWER_DROPPED');
    }));

  /** How many calls upstream two make, one after the other. */
  const upstreamOf = (one: Call, other: Call, options?: Partial<DedupeOptions>): number => {
    let sent = 0;
    const operator = dedupe<Call>(
      mergeMap(() => {
        sent++;
        return new Subject<Reply>();
      }),
      { store: memoryIdempotency(), ...options },
    );
    for (const call of [one, other])
      of(call)
        .pipe(operator)
        .subscribe({ error: () => undefined });
    return sent;
  };
  const plain = (options: CallOptions): Call => resolvedCall({}, { params: { name: 'pay' }, ...options });
  const byHeader = (value: string, more: CallOptions = {}): Call =>
    plain({ transport: 'http', headers: { 'idempotency-key': value }, ...more });
  const argued = (id: unknown): Call => plain({ params: { name: 'pay', arguments: { request: { id } } } });
  const stranger = (address: string): Call =>
    pay({ principal: knownPrincipal({ id: 'anonymous', anonymous: true }), address });
  const table: [string, number, Call, Call, Partial<DedupeOptions>?][] = [
    ['the same key and call', 1, pay(), pay({ id: 7 })],
    ['another key', 2, pay(), pay({ key: 'l' })],
    ['no key', 2, plain({}), plain({})],
    ['the key of another principal', 2, pay(), pay({ principal: knownPrincipal({ id: 'bob' }) })],
    ['strangers at two addresses', 2, stranger('1.1.1.1'), stranger('2.2.2.2')],
    ['a stranger who comes again', 1, stranger('1.1.1.1'), stranger('1.1.1.1')],
    ['a header, in quotes or not', 1, byHeader('"k"'), byHeader('k')],
    [
      'a header of a batch, which is not of one call',
      2,
      byHeader('k', { batch: true }),
      byHeader('k', { batch: true }),
    ],
    [
      'a header of a WebSocket',
      2,
      byHeader('k', { transport: 'websocket' }),
      byHeader('k', { transport: 'websocket' }),
    ],
    ['an argument', 1, argued('x'), argued('x'), { argument: 'request.id' }],
    ['arguments with other keys', 2, argued('x'), argued('y'), { argument: 'request.id' }],
  ];
  for (const [what, expected, one, other, options] of table)
    it(`${expected === 1 ? 'one call' : 'two calls'}: ${what}`, () =>
      assert.equal(upstreamOf(one, other, options), expected));

  for (const key of ['', 'x'.repeat(256), 7, {}])
    it(`refuses a key that is none: ${JSON.stringify(key).slice(0, 10)}`, () =>
      marbles((run) => {
        const { send } = running(run);
        run.expectObservable(send('(a|)', pay({ key }))).toBe('#', values, 'ERR_INVALID_PARAMS');
      }));
});
