import assert from 'node:assert/strict';
import { map, mergeMap, of, tap, throwError, type OperatorFunction } from 'rxjs';
import { GatewayError, refusal, type GatewayErrorCode } from '../../src/protocol/errors.js';
import { answer } from '../../src/streams/answer.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { accepted, end, result, type Reply } from '../../src/streams/reply.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';

const failing = (error: unknown): OperatorFunction<Exchange, Reply> =>
  mergeMap(() => throwError(() => error));
const replying = (...replies: Reply[]): OperatorFunction<Exchange, Reply> => mergeMap(() => of(...replies));
const repliesOf = (pipeline: OperatorFunction<Exchange, Reply>, exchange: Exchange): Reply[] => {
  const seen: Reply[] = [];
  let completed = false;
  answer(pipeline, exchange).subscribe({
    next: (reply) => seen.push(reply),
    complete: () => (completed = true),
  });
  assert.equal(completed, true);
  return seen;
};

describe('streams/answer', () => {
  it('passes replies through in their frames and unsubscribes the pipeline with itself', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
      const replies = cold('-n--n--r|', { n, r: result({}) });
      const expected = '    -n--n--';
      const subs = '        ^-----!';
      expectObservable(
        answer(
          mergeMap(() => replies),
          call('tools/call'),
        ),
        '^-----!',
      ).toBe(expected, { n });
      expectSubscriptions(replies.subscriptions).toBe(subs);
    }));

  const refusals: [GatewayErrorCode, string, number, number][] = [
    ['ERR_TOOL_UNKNOWN', '2026-07-28', -32602, 200],
    ['ERR_METHOD_UNKNOWN', '2026-07-28', -32601, 404],
    ['ERR_METHOD_UNKNOWN', '2025-11-25', -32601, 200],
    ['ERR_SESSION_UNKNOWN', '2025-11-25', -32001, 404],
    ['ERR_SESSION_REQUIRED', '2025-06-18', -32000, 400],
    ['ERR_OVERLOADED', '2026-07-28', 4029, 503],
    ['ERR_UPSTREAM_FAILED', '2026-07-28', -32603, 200],
  ];
  for (const [code, version, rpc, status] of refusals)
    it(`${code} is ${rpc} with status ${status} in ${version}`, () => {
      const exchange = call('tools/call', { version: version as '2026-07-28' });
      assert.deepEqual(repliesOf(failing(refusal(code, 'because')), exchange), [
        { kind: 'error', error: { code: rpc, message: 'because' }, status },
      ]);
      assert.equal(exchange.notes.error?.code, code);
      assert.equal(exchange.notes.outcome, exchange.notes.error.outcome);
    });

  it('carries headers and data of a refusal', () => {
    const error = refusal('ERR_METHOD_NOT_ALLOWED', 'no', { headers: { allow: 'POST' }, data: { a: 1 } });
    assert.deepEqual(repliesOf(failing(error), call('x')), [
      {
        kind: 'error',
        error: { code: -32000, message: 'no', data: { a: 1 } },
        status: 405,
        headers: { allow: 'POST' },
      },
    ]);
  });

  it('answers invalid arguments as a result that a model can read', () =>
    assert.deepEqual(
      repliesOf(failing(refusal('ERR_ARGUMENTS_INVALID', 'x is required')), call('tools/call')),
      [result({ content: [{ type: 'text', text: 'x is required' }], isError: true })],
    ));

  it('tells nobody what an unrecognised error says, but keeps it for the log', () => {
    const secret = new Error('connect ECONNREFUSED 10.0.0.1:5432');
    const exchange = call('tools/call');
    assert.deepEqual(repliesOf(failing(secret), exchange), [
      { kind: 'error', error: { code: -32603, message: 'Internal error' }, status: 200 },
    ]);
    assert.equal(exchange.notes.outcome, 'internal');
    assert.equal(exchange.notes.error?.cause, secret);
  });

  it('catches a throw inside an operator too', () => {
    const throws = map((): Reply => {
      throw new GatewayError('ERR_FORBIDDEN', 'no');
    });
    assert.equal(repliesOf(throws, call('x'))[0]?.kind, 'error');
  });

  it('owes a notification no error unless the status tells it', () => {
    const notification = () => call('notifications/x', { id: null, version: '2025-11-25' });
    assert.deepEqual(repliesOf(failing(refusal('ERR_INVALID_PARAMS', '')), notification()), [accepted]);
    const [reply] = repliesOf(failing(refusal('ERR_SESSION_UNKNOWN', '')), notification());
    assert.equal(reply?.kind === 'error' && reply.status, 404);
  });

  it('adds an error after replies that have left already', () => {
    const n: Reply = { kind: 'notification', method: 'm', params: {} };
    const pipeline: OperatorFunction<Exchange, Reply> = mergeMap(() =>
      of(n, n).pipe(
        tap({
          complete: () => {
            throw refusal('ERR_UPSTREAM_FAILED', 'broke off');
          },
        }),
      ),
    );
    assert.deepEqual(
      repliesOf(pipeline, call('tools/call')).map(({ kind }) => kind),
      ['notification', 'notification', 'error'],
    );
  });

  const outcomes: [string, Reply, string][] = [
    ['a result', result({}), 'success'],
    ['a result with isError', result({ isError: true }), 'tool_error'],
    ["a backend's error", { kind: 'error', error: { code: -32603, message: '' } }, 'upstream_failed'],
    [
      "a backend's refusal of params",
      { kind: 'error', error: { code: -32602, message: '' } },
      'invalid_request',
    ],
    ['an accepted notification', accepted, 'success'],
    ['an end', end, 'cancelled'],
  ];
  for (const [name, reply, outcome] of outcomes)
    it(`notes the outcome of ${name}: ${outcome}`, () => {
      const exchange = call('tools/call');
      repliesOf(replying(reply), exchange);
      assert.equal(exchange.notes.outcome, outcome);
    });
});
