import assert from 'node:assert/strict';
import { mergeMap, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { BalancingSettings } from '../../src/config/balancingSettings.js';
import { retryAcrossInstances } from '../../src/operators/retryAcrossInstances.js';
import { refusal, type GatewayErrorCode } from '../../src/protocol/errors.js';
import type { Exchange, Resolved } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { balancing, instancesWith, type Standard } from '../streams/balancing/instances.js';
import { resolvedCall } from './scenarios.js';

const r = result({});
const f: Reply = {
  kind: 'result',
  result: { isError: true },
  fault: refusal('ERR_UPSTREAM_FAILED', 'The backend answered with HTTP status 500'),
};
const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const values = { r, f, n };
const failing = (code: GatewayErrorCode) => refusal(code, 'attempt failed');
const retry = (parts: Partial<BalancingSettings['retry']>): Partial<BalancingSettings> => ({
  retry: { ...balancing().retry, ...parts },
});

/** A call through the operator, to instances whose attempts are drawn in their order. */
const trying = (
  { cold }: RunHelpers,
  drawings: readonly string[],
  parts: Partial<BalancingSettings> = {},
  code: GatewayErrorCode = 'ERR_UPSTREAM_FAILED',
) => {
  const instances = instancesWith(
    drawings.map((_drawing, index) => `i${index}`),
    parts,
  );
  const attempts = drawings.map((drawing) => cold<Reply>(drawing, values, failing(code)));
  const send = (call: Exchange & Resolved): Observable<Reply> =>
    cold('(a|)', { a: call }).pipe(
      retryAcrossInstances<Exchange & Resolved>(
        () => instances,
        mergeMap(({ instance }) => attempts[instances.indexOf(instance as Standard)] as Observable<Reply>),
      ),
      byCode(),
    );
  return { instances, attempts, send };
};
const safe = () => resolvedCall({ repeatable: true, timeoutMs: 20 });
const unsafe = () => resolvedCall({ repeatable: false, timeoutMs: 20 });

describe('operators/retryAcrossInstances, with standings', () => {
  it('gives up a silent attempt at a repeatable call, never the last one', () =>
    marbles((run) => {
      const { send, attempts, instances } = trying(
        run,
        ['---', '--------r|'],
        retry({ attemptTimeoutMs: 5 }),
      );
      const call = safe();
      run.expectObservable(send(call)).toBe('             -------------r|', values);
      run.expectSubscriptions(attempts[0]?.subscriptions ?? []).toBe('^----!');
      run.expectSubscriptions(attempts[1]?.subscriptions ?? []).toBe('-----^--------!');
      run.flush();
      assert.deepEqual(
        call.notes.tried?.map(({ instance, kind, outcome, error }) => [instance, kind, outcome, error]),
        [
          ['i0', 'first', 'timeout', 'ERR_UPSTREAM_TIMEOUT'],
          ['i1', 'retry', 'success', undefined],
        ],
      );
      assert.equal(instances[0]?.standing.view.failures, 1);
      assert.equal(instances[1]?.standing.view.latencyMs, 8);
      assert.deepEqual(
        instances.map(({ standing }) => standing.outstanding),
        [0, 0],
      );
    }));

  it('lets an attempt go on that has shown a sign of life, and any at an unsafe call', () =>
    marbles((run) => {
      const lively = trying(run, ['--n-----------r|', 'r|'], retry({ attemptTimeoutMs: 5 }));
      run.expectObservable(lively.send(safe())).toBe('--n-----------r|', values);
      const payment = trying(run, ['--------------r|', 'r|'], retry({ attemptTimeoutMs: 5 }));
      run.expectObservable(payment.send(unsafe())).toBe('--------------r|', values);
    }));

  it('gives up repeatable calls to an instance that is found dead', () =>
    marbles((run) => {
      const { send, instances } = trying(run, ['---', '-r|']);
      run
        .cold('---x')
        .subscribe(() =>
          instances[0]?.standing.report({ status: 'unhealthy', latencyMs: undefined, failures: 2 }),
        );
      run.expectObservable(send(safe())).toBe('----r|', values);
    }));

  it('repeats an answer that speaks of a broken instance, if the call may be; passes it else, and the last one', () =>
    marbles((run) => {
      run.expectObservable(trying(run, ['-f|', '-r|']).send(safe())).toBe('--r|', values);
      run.expectObservable(trying(run, ['-f|', '-r|']).send(unsafe())).toBe('-f|', values);
      run.expectObservable(trying(run, ['-f|', '-f|']).send(safe())).toBe('--f|', values);
    }));

  const counted: [GatewayErrorCode, failures: number][] = [
    ['ERR_UPSTREAM_FAILED', 1],
    ['ERR_UPSTREAM_UNREACHABLE', 1],
    ['ERR_UPSTREAM_TIMEOUT', 1],
    ['ERR_UPSTREAM_TOO_LARGE', 0],
    ['ERR_SERVER_EXHAUSTED', 0],
  ];
  for (const [code, failures] of counted)
    it(`${code} ${failures === 0 ? 'does not speak' : 'speaks'} of the instance`, () =>
      marbles((run) => {
        const { send, instances } = trying(run, ['-#', '-#'], retry({ attempts: 1 }), code);
        run.expectObservable(send(unsafe())).toBe('-#', values, code);
        run.flush();
        assert.equal(instances[0]?.standing.view.failures, failures);
      }));

  const leaving: [when: string, at: string, failures: number][] = [
    ['before its limit tells nothing', '-------------------!', 0],
    ['at its limit has failed', '--------------------!', 1],
  ];
  for (const [when, at, failures] of leaving)
    it(`a call left ${when}`, () =>
      marbles((run) => {
        const { send, instances } = trying(run, ['-----', 'r|']);
        run.expectObservable(send(unsafe()), at).toBe('-');
        run.flush();
        const view = instances[0]?.standing.view;
        assert.deepEqual([view?.failures, view?.outstanding], [failures, 0]);
      }));

  it('repeats no more than its budget', () =>
    marbles((run) => {
      const none = retry({ budget: { share: 0, perSecond: 0 } });
      run
        .expectObservable(trying(run, ['-#', '-r|'], none).send(safe()))
        .toBe('-#', values, 'ERR_UPSTREAM_FAILED');
      run.expectObservable(trying(run, ['-f|', '-r|'], none).send(safe())).toBe('-f|', values);
    }));

  it('goes on to instances that have not been asked without any budget, where none was reached', () =>
    marbles((run) => {
      const none = retry({ budget: { share: 0, perSecond: 0 }, attempts: 9 });
      const code = 'ERR_UPSTREAM_UNREACHABLE';
      run.expectObservable(trying(run, ['-#', '-#', '-r|'], none, code).send(unsafe())).toBe('---r|', values);
      // From the beginning again is a repetition.
      const away = trying(run, ['-#', '-#'], none, code);
      run.expectObservable(away.send(unsafe())).toBe('--#', values, code);
    }));

  it('repeats unsafe calls where the configuration says so', () =>
    marbles((run) => {
      run
        .expectObservable(trying(run, ['-#', '-r|'], retry({ unsafe: true })).send(unsafe()))
        .toBe('--r|', values);
    }));

  it('tries as often as the configuration says, round and round', () =>
    marbles((run) => {
      const often = trying(run, ['-#', '-#'], retry({ attempts: 3 }));
      run.expectObservable(often.send(safe())).toBe('---#', values, 'ERR_UPSTREAM_FAILED');
      run.expectSubscriptions(often.attempts[0]?.subscriptions ?? []).toBe(['^!', '--^!']);
    }));
});
