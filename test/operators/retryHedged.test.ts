import assert from 'node:assert/strict';
import { mergeMap, type Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { BalancingSettings } from '../../src/config/balancingSettings.js';
import { retryAcrossInstances } from '../../src/operators/retryAcrossInstances.js';
import { refusal, type GatewayError } from '../../src/protocol/errors.js';
import type { Exchange, Resolved } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { balancing, instancesWith } from '../streams/balancing/instances.js';
import { instanceOf, resolvedCall } from './scenarios.js';

const r = result({});
const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const failed = refusal('ERR_UPSTREAM_FAILED', 'no');
const f: Reply = { kind: 'result', result: { isError: true }, fault: failed };
const values = { r, n, f };
type Call = Exchange & Resolved;

const hedging: Partial<BalancingSettings> = { hedge: { afterMs: 4, percentile: 0.95, minSamples: 20 } };
const safe = () => resolvedCall({ repeatable: true, timeoutMs: 20 });
const unsafe = () => resolvedCall({ repeatable: false, timeoutMs: 20 });

/** A call through the operator; what is drawn is what the attempts at the instances do, in their order. */
const trying = (
  { cold }: RunHelpers,
  drawings: readonly string[],
  parts: Partial<BalancingSettings> = hedging,
  error: GatewayError = failed,
) => {
  const instances = instancesWith(
    drawings.map((_drawing, index) => `i${index}`),
    parts,
  );
  const attempts = new Map(
    instances.map(({ id }, index) => [id, cold<Reply>(drawings[index] ?? '', values, error)]),
  );
  const operator = retryAcrossInstances<Call>(
    () => instances,
    mergeMap(({ instance }) => attempts.get(instance.id) as Observable<Reply>),
  );
  return {
    instances,
    subscriptions: (id: string) => attempts.get(id)?.subscriptions ?? [],
    send: (call: Call) => cold('(a|)', { a: call }).pipe(operator, byCode()),
  };
};
const told = ({ notes }: Call) =>
  notes.tried?.map(({ instance, kind, outcome }) => `${instance} ${kind} ${outcome}`);

describe('operators/retryAcrossInstances, hedging', () => {
  it('sends a read to a second instance when the first is slow, takes the first answer and cancels the other', () =>
    marbles((run) => {
      const { send, subscriptions, instances } = trying(run, ['------------r|', '--r|']);
      const call = safe();
      run.expectObservable(send(call)).toBe('      ------r|', values);
      run.expectSubscriptions(subscriptions('i0')).toBe('^-----!');
      run.expectSubscriptions(subscriptions('i1')).toBe('----^--!');
      run.flush();
      assert.deepEqual(told(call), ['i0 first outrun', 'i1 hedge success']);
      assert.equal(call.notes.instance, 'i1');
      assert.deepEqual(
        instances.map(({ standing }) => [standing.outstanding, standing.view.latencyMs]),
        [
          [0, 6],
          [0, 2],
        ],
        'the slow one has taken so long at least',
      );
    }));

  it('takes the answer of the first if it comes before, and tells which instance it was', () =>
    marbles((run) => {
      const { send, subscriptions } = trying(run, ['------r|', '----r|']);
      const call = safe();
      run.expectObservable(send(call)).toBe('------r|', values);
      run.expectSubscriptions(subscriptions('i1')).toBe('----^-!');
      run.flush();
      assert.deepEqual(told(call), ['i0 first success', 'i1 hedge outrun']);
      assert.equal(call.notes.instance, 'i0');
    }));

  it('never for a payment, even where payments are repeated; never after a first reply', () =>
    marbles((run) => {
      const { retry } = balancing();
      const reckless = trying(run, ['--------r|', 'r|'], { ...hedging, retry: { ...retry, unsafe: true } });
      run.expectObservable(reckless.send(unsafe())).toBe('--------r|', values);
      run.expectSubscriptions(reckless.subscriptions('i1')).toBe([]);
      const lively = trying(run, ['--n------r|', 'r|']);
      run.expectObservable(lively.send(safe())).toBe('--n------r|', values);
      run.expectSubscriptions(lively.subscriptions('i1')).toBe([]);
    }));

  it('not unless configured, not without a second instance, and not beyond the budget or the attempts', () =>
    marbles((run) => {
      const { retry } = balancing();
      const none = { ...retry, budget: { share: 0, perSecond: 0 } };
      for (const parts of [
        {},
        { ...hedging, retry: none },
        { ...hedging, retry: { ...retry, attempts: 1 } },
      ]) {
        const { send, subscriptions } = trying(run, ['--------r|', 'r|'], parts);
        run.expectObservable(send(safe())).toBe('--------r|', values);
        run.expectSubscriptions(subscriptions('i1')).toBe([]);
      }
      run.expectObservable(trying(run, ['--------r|']).send(safe())).toBe('--------r|', values);
    }));

  it('not to an instance that is in trouble', () =>
    marbles((run) => {
      const { send, subscriptions, instances } = trying(run, ['--------r|', 'r|']);
      instances[1]?.standing.report({ status: 'unhealthy', latencyMs: undefined, failures: 2 });
      run.expectObservable(send(safe())).toBe('--------r|', values);
      run.expectSubscriptions(subscriptions('i1')).toBe([]);
    }));

  it('goes on with the other when one of the two fails, or says that its instance is broken', () =>
    marbles((run) => {
      run.expectObservable(trying(run, ['-----#', '----r|']).send(safe())).toBe('--------r|', values);
      run.expectObservable(trying(run, ['-----f|', '----r|']).send(safe())).toBe('--------r|', values);
      run.expectObservable(trying(run, ['--------r|', '-f|']).send(safe())).toBe('--------r|', values);
    }));

  it('goes on with a third one when both fail', () =>
    marbles((run) => {
      const { send } = trying(run, ['-----#', '---#', '-r|']);
      const call = safe();
      run.expectObservable(send(call)).toBe('--------r|', values);
      run.flush();
      assert.deepEqual(told(call), [
        'i0 first upstream_failed',
        'i1 hedge upstream_failed',
        'i2 retry success',
      ]);
    }));

  it('both are cancelled when the client leaves', () =>
    marbles((run) => {
      const { send, subscriptions } = trying(run, ['---', '---']);
      const call = safe();
      run.expectObservable(send(call), '------!').toBe('-');
      run.expectSubscriptions(subscriptions('i0')).toBe(' ^-----!');
      run.expectSubscriptions(subscriptions('i1')).toBe(' ----^-!');
      run.flush();
      assert.deepEqual(told(call), ['i0 first cancelled', 'i1 hedge cancelled']);
    }));

  it('learns how long calls of the tool take, and sends one besides that takes longer', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const instances = instancesWith(['i0', 'i1'], {
        hedge: { afterMs: undefined, percentile: 0.5, minSamples: 3 },
      });
      const second = cold<Reply>('-r|', values);
      let calls = 0;
      const operator = retryAcrossInstances<Call>(
        () => instances,
        mergeMap(({ instance }) => {
          if (instance.id === 'i1') return second;
          return cold<Reply>(++calls <= 3 ? '---r|' : '----------r|', values);
        }),
      );
      const send = (at: string) => cold(at, { a: safe() }).pipe(operator, byCode());
      for (let index = 0; index < 3; index++) expectObservable(send('(a|)')).toBe('---r|', values);
      // 3 ms, rounded up to 4.
      expectObservable(send('----------(a|)')).toBe('---------------r|', values);
      expectSubscriptions(second.subscriptions).toBe(['--------------^-!']);
    }));
});

describe('operators/retryAcrossInstances, Retry-After', () => {
  const busy = (retryAfterMs: number) => refusal('ERR_UPSTREAM_BUSY', 'later', { retryAfterMs });
  const often = (run: RunHelpers, drawings: readonly string[], ms: number, attempts = 2) =>
    trying(run, drawings, { retry: { ...balancing().retry, attempts } }, busy(ms));

  it('asks the only instance again when it wants to be, not before', () =>
    marbles((run) => {
      const { send, subscriptions } = often(run, ['-#'], 5);
      run.expectObservable(send(safe())).toBe('-------#', values, 'ERR_UPSTREAM_BUSY');
      run.expectSubscriptions(subscriptions('i0')).toBe(['^!', '------^!']);
    }));

  it('goes to another one at once, and comes back when it may', () =>
    marbles((run) => {
      const { send, subscriptions } = often(run, ['-#', '-#'], 5, 3);
      run.expectObservable(send(safe())).toBe('-------#', values, 'ERR_UPSTREAM_BUSY');
      run.expectSubscriptions(subscriptions('i0')).toBe(['^!', '------^!']);
      run.expectSubscriptions(subscriptions('i1')).toBe(['-^!']);
    }));

  it('gives up at once where that is too long for the call', () =>
    marbles((run) => {
      const { send } = often(run, ['-#'], 21);
      run.expectObservable(send(safe())).toBe('-#', values, 'ERR_UPSTREAM_BUSY');
      const clock = { deadlineAt: 5, hold: () => undefined, goOn: () => undefined };
      const short = often(run, ['-#'], 5);
      run.expectObservable(short.send({ ...safe(), clock })).toBe('-#', values, 'ERR_UPSTREAM_BUSY');
    }));

  it('is no silence of the backend', () =>
    marbles((run) => {
      const seen: string[] = [];
      const clock = { deadlineAt: 1000, hold: () => seen.push('hold'), goOn: () => seen.push('goOn') };
      const { send } = often(run, ['-#'], 5);
      run.expectObservable(send({ ...safe(), clock })).toBe('-------#', values, 'ERR_UPSTREAM_BUSY');
      run.flush();
      assert.deepEqual(seen, ['hold', 'goOn']);
    }));

  it('does not ask again for a client that leaves meanwhile', () =>
    marbles((run) => {
      const { send, subscriptions } = often(run, ['-#'], 5);
      run.expectObservable(send(safe()), '---!').toBe('-');
      run.expectSubscriptions(subscriptions('i0')).toBe(['^!']);
    }));

  it('says nothing bad of the instance', () =>
    marbles((run) => {
      const { send, instances } = often(run, ['-#', '-r|'], 5);
      run.expectObservable(send(safe())).toBe('--r|', values);
      run.flush();
      assert.equal(instances[0]?.standing.view.failures, 0);
    }));

  it('a payment is not sent again', () =>
    marbles((run) => {
      run.expectObservable(often(run, ['-#'], 5).send(unsafe())).toBe('-#', values, 'ERR_UPSTREAM_BUSY');
    }));
});

describe('operators/retryAcrossInstances, the budget of a server with one instance and no standing', () => {
  it('bounds its second chances', () =>
    marbles(({ cold, expectObservable, flush }) => {
      const only = instanceOf('only');
      let sent = 0;
      const operator = retryAcrossInstances<Call>(
        () => [only],
        mergeMap(() => {
          sent++;
          return cold<Reply>('#', values, failed);
        }),
      );
      const { target } = safe();
      // A fifth of them, and 10 in one second.
      for (let index = 0; index < 200; index++)
        expectObservable(cold('(a|)', { a: { ...safe(), target } }).pipe(operator, byCode())).toBe(
          '#',
          values,
          'ERR_UPSTREAM_FAILED',
        );
      flush();
      assert.equal(sent, 250);
    }));
});
