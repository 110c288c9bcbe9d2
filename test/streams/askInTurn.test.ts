import assert from 'node:assert/strict';
import { NEVER, of, throwError, type Observable } from 'rxjs';
import { fromUnknown } from '../../src/protocol/errors.js';
import type { Params, Result } from '../../src/protocol/jsonrpc.js';
import type { Capabilities } from '../../src/protocol/mcp.js';
import { askInTurn } from '../../src/streams/askInTurn.js';
import { result, type AskReply, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';

const all: Capabilities = { sampling: {}, roots: {}, elicitation: { form: {}, url: {} } };
const r = result({ resultType: 'complete' });
const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const elicit = { method: 'elicitation/create', params: { message: 'who?' } };
const wants = (inputRequests: unknown, requestState?: string): Reply =>
  result({
    resultType: 'input_required',
    ...(inputRequests === undefined ? undefined : { inputRequests }),
    ...(requestState === undefined ? undefined : { requestState }),
  });

/** Runs a call against a server that answers each round with the next of `rounds`. */
const run = (rounds: readonly (Reply | Observable<Reply>)[], capabilities = all) => {
  const sent: Params[] = [];
  const replies: Reply[] = [];
  const asks: AskReply[] = [];
  const seen = { code: undefined as string | undefined, completed: false };
  const answer = (): Observable<Reply> => {
    const next = rounds[Math.min(sent.length, rounds.length - 1)] ?? NEVER;
    return 'kind' in next ? of(next) : next;
  };
  const subscription = askInTurn(
    (round) => {
      sent.push(round);
      return answer();
    },
    answer(),
    capabilities,
  ).subscribe({
    next: (reply) => (reply.kind === 'ask' ? asks.push(reply) : replies.push(reply)),
    error: (error: unknown) => (seen.code = fromUnknown(error).code),
    complete: () => (seen.completed = true),
  });
  const give = (index: number, value: Result): void => asks[index]?.answer({ result: value });
  return { sent, replies, asks, seen, give, subscription };
};

describe('streams/askInTurn', () => {
  it('passes a call that wants nothing', () => {
    const { replies, sent, seen } = run([of(n, r)]);
    assert.deepEqual([replies, sent, seen.completed], [[n, r], [], true]);
  });

  it('asks, and sends the call again with the answer and the state as it was', () => {
    const { sent, asks, give, replies, seen } = run([wants({ who: elicit }, ' {"é":1}\n'), of(n, r)]);
    assert.deepEqual(
      asks.map(({ method, params }) => ({ method, params })),
      [elicit],
    );
    give(0, { action: 'accept' });
    assert.deepEqual(sent, [{ inputResponses: { who: { action: 'accept' } }, requestState: ' {"é":1}\n' }]);
    assert.deepEqual([replies, seen.completed], [[n, r], true]);
  });

  it('sends no state to a server that sent none', () => {
    const { sent, give } = run([wants({ who: elicit }), r]);
    give(0, { action: 'cancel' });
    assert.deepEqual(sent, [{ inputResponses: { who: { action: 'cancel' } } }]);
  });

  it('sends an empty state back: it is one', () => {
    const { sent, give } = run([wants({ who: elicit }, ''), r]);
    give(0, {});
    assert.deepEqual(sent, [{ inputResponses: { who: {} }, requestState: '' }]);
  });

  it('asks for several things at once and waits for all, in any order', () => {
    const { sent, asks, give } = run([wants({ a: elicit, b: { method: 'roots/list' }, c: elicit }), r]);
    assert.equal(asks.length, 3);
    give(2, { n: 3 });
    give(0, { n: 1 });
    assert.deepEqual(sent, []);
    give(1, { roots: [] });
    assert.deepEqual(sent, [{ inputResponses: { a: { n: 1 }, b: { roots: [] }, c: { n: 3 } } }]);
  });

  it('takes the first of two answers to one ask', () => {
    const { sent, give } = run([wants({ a: elicit, b: elicit }), r]);
    give(0, { n: 1 });
    give(0, { n: 2 });
    give(1, {});
    give(1, {});
    assert.deepEqual(sent, [{ inputResponses: { a: { n: 1 }, b: {} } }]);
  });

  it('brings only its own answers to each round', () => {
    const { sent, give, replies } = run([wants({ a: elicit }, 's1'), wants({ b: elicit }), r]);
    give(0, { n: 1 });
    give(1, { n: 2 });
    assert.deepEqual(sent, [
      { inputResponses: { a: { n: 1 } }, requestState: 's1' },
      { inputResponses: { b: { n: 2 } } },
    ]);
    assert.deepEqual(replies, [r]);
  });

  it('ends with the error of a client that does not answer', () => {
    const { sent, asks, replies, seen } = run([wants({ a: elicit }), r]);
    const error = { code: -1, message: 'User rejected sampling request' };
    asks[0]?.answer({ error });
    assert.deepEqual([replies, sent, seen.completed], [[{ kind: 'error', error }], [], true]);
  });

  for (const [capabilities, request] of [
    [{}, elicit],
    [{ elicitation: {} }, { method: 'elicitation/create', params: { mode: 'url' } }],
    [{ roots: {} }, { method: 'sampling/createMessage', params: {} }],
    [all, { method: 'tools/list', params: {} }],
  ] as const)
    it(`does not ask ${JSON.stringify(capabilities)} for ${request.method}`, () => {
      const { asks, sent, seen } = run([wants({ ok: { method: 'roots/list' }, no: request })], capabilities);
      assert.deepEqual([asks, sent, seen.code], [[], [], 'ERR_INPUT_UNSUPPORTED']);
    });

  it('gives an elicitation by URL the id that the 2025 era demands', () => {
    const url = {
      method: 'elicitation/create',
      params: { mode: 'url', url: 'https://x.test', message: 'go' },
    };
    const { asks } = run([wants({ a: url, b: url })]);
    const ids = asks.map(({ params }) => params['elicitationId']);
    assert.ok(ids.every((id) => typeof id === 'string' && id.length > 8));
    assert.notEqual(ids[0], ids[1]);
  });

  it('gives up after ten rounds', () => {
    const { asks, sent, seen, give } = run([wants({ a: elicit })]);
    for (let index = 0; index < 10; index++) give(index, {});
    assert.deepEqual([asks.length, sent.length, seen.code], [9, 9, 'ERR_INPUT_REFUSED']);
  });

  it('waits before it comes back to a server that asked for nothing', () =>
    marbles(({ cold, expectObservable }) => {
      const sent: Params[] = [];
      const replies$ = askInTurn(
        (round) => {
          sent.push(round);
          assert.deepEqual(sent, [{ requestState: 's' }]);
          return of(r);
        },
        cold('-(a|)', { a: wants(undefined, 's') }),
        all,
      );
      expectObservable(replies$).toBe('- 250ms (r|)', { r });
    }));

  it('comes back a few times to a server that asks for nothing, each time later', () =>
    marbles(({ cold, expectObservable, flush }) => {
      let sent = 0;
      const nothing = () => of(wants(undefined, 's'));
      const replies$ = askInTurn(
        () => {
          sent += 1;
          return nothing();
        },
        cold('(a|)', { a: wants(undefined, 's') }),
        all,
      );
      const ms = 250 + 500 + 1000 + 2000;
      expectObservable(replies$.pipe(byCode())).toBe(`${ms}ms #`, {}, 'ERR_UPSTREAM_FAILED');
      flush();
      assert.equal(sent, 4);
    }));

  for (const nothing of [wants(undefined), wants({}), wants([]), wants([], 's')])
    it(`does not repeat a call for a round that is none: ${JSON.stringify(nothing)}`, () => {
      const { sent, seen } = run([nothing]);
      assert.deepEqual([sent, seen.code], [[], 'ERR_UPSTREAM_FAILED']);
    });

  it('passes on an error of a later round, and cancels the round it is left in', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const later = cold<Reply>('---------');
      const subs = '            - 250ms ^--!';
      const replies$ = askInTurn(() => later, cold('-(a|)', { a: wants({}, 's') }), all);
      expectObservable(replies$, '^ 253ms !').toBe('-');
      expectSubscriptions(later.subscriptions).toBe(subs);
      const failing = askInTurn(
        () => throwError(() => new Error('gone')),
        cold('-(a|)', { a: wants({}, 's') }),
        all,
      );
      expectObservable(failing.pipe(byCode())).toBe('- 250ms #', {}, 'ERR_INTERNAL');
    }));

  it('does nothing with an answer that comes when the client has gone', () => {
    const { sent, give, subscription } = run([wants({ a: elicit }), r]);
    subscription.unsubscribe();
    give(0, {});
    assert.deepEqual(sent, []);
  });
});
