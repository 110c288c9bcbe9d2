import assert from 'node:assert/strict';
import { asyncScheduler, mergeMap } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import type { RetrySettings } from '../../src/config/balancingSettings.js';
import { strategyOf } from '../../src/gateway/strategyOf.js';
import { retryAcrossInstances } from '../../src/operators/retryAcrossInstances.js';
import { refusal } from '../../src/protocol/errors.js';
import { balance } from '../../src/streams/balancing/balance.js';
import type { Exchange, Resolved } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { balancing, instancesWith } from '../streams/balancing/instances.js';
import { resolvedCall } from './scenarios.js';

const r = result({});
const values = { r };

/**
 * A server whose instances turn by one. Each answers after 1 ms, before its time that it is busy until then.
 *
 * @param busy until when each of them is, in milliseconds
 */
const serving = ({ cold }: RunHelpers, busy: readonly number[], retry: Partial<RetrySettings> = {}) => {
  const ids = busy.map((_until, index) => `i${index}`);
  const instances = instancesWith(ids, { retry: { ...balancing().retry, ...retry } });
  const server = serverOffering('s', {}, { strategy: 'round-robin' }, instances);
  const asked: string[] = [];
  const operator = retryAcrossInstances<Exchange & Resolved>(
    balance(strategyOf),
    mergeMap(({ instance: { id } }) => {
      const now = asyncScheduler.now();
      asked.push(`${id} at ${now}`);
      const retryAfterMs = (busy[ids.indexOf(id)] ?? 0) - now;
      return retryAfterMs <= 0
        ? cold<Reply>('-(r|)', values)
        : cold<Reply>(
            '-#',
            values,
            refusal('ERR_UPSTREAM_BUSY', 'later', { retryAfterMs: retryAfterMs - 1 }),
          );
    }),
  );
  const send = (at: string, repeatable: boolean, timeoutMs = 50) =>
    cold(at, { a: resolvedCall({ server, repeatable, timeoutMs }) }).pipe(operator, byCode());
  return { send, asked };
};

describe('operators/retryAcrossInstances, Retry-After of one call and the calls after it', () => {
  it('other calls go elsewhere until the time is over', () =>
    marbles((run) => {
      const { send, asked } = serving(run, [30, 0]);
      run.expectObservable(send('(a|)', false)).toBe('-#', values, 'ERR_UPSTREAM_BUSY');
      for (let at = 2; at < 12; at++)
        run.expectObservable(send(`${at}ms (a|)`, false)).toBe(`${at + 1}ms (r|)`, values);
      for (const at of [30, 31])
        run.expectObservable(send(`${at}ms (a|)`, false)).toBe(`${at + 1}ms (r|)`, values);
      run.flush();
      assert.deepEqual(
        asked.filter((each) => each.startsWith('i0')),
        ['i0 at 0', 'i0 at 31'],
      );
    }));

  it('a read that all instances sent away waits for the first of them, its usual attempts used up or not', () =>
    marbles((run) => {
      const { send, asked } = serving(run, [20, 10]);
      run.expectObservable(send('(a|)', true)).toBe('11ms (r|)', values);
      run.flush();
      assert.deepEqual(asked, ['i0 at 0', 'i1 at 1', 'i1 at 10']);
    }));

  it('a read that comes meanwhile waits, too, and asks nobody before', () =>
    marbles((run) => {
      const { send, asked } = serving(run, [20, 10]);
      run.expectObservable(send('(a|)', true)).toBe('11ms (r|)', values);
      run.expectObservable(send('5ms (a|)', true)).toBe('11ms (r|)', values);
      run.expectObservable(send('5ms (a|)', true), '8ms !').toBe('');
      run.flush();
      assert.deepEqual(asked, ['i0 at 0', 'i1 at 1', 'i1 at 10', 'i1 at 10']);
    }));

  it('with all of them busy a payment, and a read that has no time to wait, are sent to the first that may take them', () =>
    marbles((run) => {
      const { send, asked } = serving(run, [20, 10]);
      run.expectObservable(send('(a|)', true)).toBe('11ms (r|)', values);
      run.expectObservable(send('4ms (a|)', false)).toBe('5ms #', values, 'ERR_UPSTREAM_BUSY');
      run.expectObservable(send('6ms (a|)', true, 2)).toBe('7ms #', values, 'ERR_UPSTREAM_BUSY');
      run.flush();
      assert.deepEqual(asked, ['i0 at 0', 'i1 at 1', 'i1 at 4', 'i1 at 6', 'i1 at 10']);
    }));

  it('waits are bounded by the retry budget', () =>
    marbles((run) => {
      const { send, asked } = serving(run, [20, 10], { budget: { share: 0, perSecond: 2 } });
      run.expectObservable(send('(a|)', true)).toBe('11ms (r|)', values);
      run.expectObservable(send('5ms (a|)', true)).toBe('6ms #', values, 'ERR_UPSTREAM_BUSY');
      run.flush();
      assert.deepEqual(asked, ['i0 at 0', 'i1 at 1', 'i1 at 5', 'i1 at 10']);
    }));

  it('where the configuration bounds the attempts there is none more', () =>
    marbles((run) => {
      const { send } = serving(run, [20, 10], { attempts: 2 });
      run.expectObservable(send('(a|)', true)).toBe('--#', values, 'ERR_UPSTREAM_BUSY');
    }));
});
