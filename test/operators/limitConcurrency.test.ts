import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mergeMap, of, Subject, throwError, type Observable, type Subscription } from 'rxjs';
import { TestScheduler, type RunHelpers } from 'rxjs/testing';
import type { ConcurrencySettings } from '../../src/config/timeSettings.js';
import { limitConcurrency } from '../../src/operators/limitConcurrency.js';
import { within } from '../../src/operators/within.js';
import { refusal, type GatewayError } from '../../src/protocol/errors.js';
import { Bulkheads } from '../../src/streams/bulkheads.js';
import type { Exchange, Resolved } from '../../src/streams/exchange.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { resolvedCall } from './scenarios.js';

const r = result({});
const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const values = { r, n };
type Call = Exchange & Resolved;

/** A call to a server of this name; no limit without one. */
const callTo = (name: string, concurrency?: Partial<ConcurrencySettings>): Call => {
  const server = serverOffering(name, {}, {});
  const limit = concurrency && { max: 1, queue: 2, waitMs: 1000, ...concurrency };
  const settings = { ...server.settings, ...(limit !== undefined && { concurrency: limit }) };
  return resolvedCall({ server: { ...server, settings } });
};
const one = { max: 1 };

/** Sends each call through one operator; what is drawn for it is what its part does. */
const running = ({ cold }: RunHelpers) => {
  const bulkheads = new Bulkheads();
  const parts = new Map<Call, Observable<Reply>>();
  const operator = limitConcurrency<Call>(
    mergeMap((exchange) => parts.get(exchange) as Observable<Reply>),
    bulkheads,
  );
  const send = (at: string, call: Call, drawn: Observable<Reply>): Observable<unknown> => {
    parts.set(call, drawn);
    return cold(at, { a: call }).pipe(operator, byCode());
  };
  return { send, bulkheads };
};

describe('operators/limitConcurrency', () => {
  it('lets a call wait for the one before, and through when that has ended', () =>
    marbles((run) => {
      const { send } = running(run);
      const first = run.cold('      -n--(r|)', values);
      const second = run.cold('     --(r|)', values);
      run.expectObservable(send('   (a|)', callTo('a', one), first)).toBe('-n--(r|)', values);
      run.expectObservable(send('   --(a|)', callTo('a', one), second)).toBe('------(r|)', values);
      run.expectSubscriptions(second.subscriptions).toBe('----^-!');
    }));

  it('keeps the order of arrival', () =>
    marbles((run) => {
      const { send } = running(run);
      const calls = [0, 1, 2].map((index) => ({ call: callTo('a', one), at: `${'-'.repeat(index)}(a|)` }));
      const parts = calls.map(() => run.cold('---(r|)', values));
      const expected = ['---(r|)', '------(r|)', '---------(r|)'];
      calls.forEach(({ call, at }, index) =>
        run
          .expectObservable(send(at, call, parts[index] as Observable<Reply>))
          .toBe(expected[index] ?? '', values),
      );
    }));

  it('refuses at once when the queue is full, and when none may wait: ERR_SERVER_BUSY', () =>
    marbles((run) => {
      const { send } = running(run);
      const part = run.cold('------(r|)', values);
      const never = run.cold('r', values);
      run.expectObservable(send('(a|)', callTo('a', { max: 1, queue: 1 }), part)).toBe('------(r|)', values);
      run
        .expectObservable(send('-(a|)', callTo('a', { max: 1, queue: 1 }), part))
        .toBe('------------(r|)', values);
      run
        .expectObservable(send('--(a|)', callTo('a', { max: 1, queue: 1 }), never))
        .toBe('--#', values, 'ERR_SERVER_BUSY');
      run.expectObservable(send('(a|)', callTo('b', { queue: 0 }), part)).toBe('------(r|)', values);
      run
        .expectObservable(send('-(a|)', callTo('b', { queue: 0 }), never))
        .toBe('-#', values, 'ERR_SERVER_BUSY');
      run.expectSubscriptions(never.subscriptions).toBe([]);
    }));

  it('refuses who has waited for too long, and nobody behind', () =>
    marbles((run) => {
      const { send } = running(run);
      const part = run.cold('--------(r|)', values);
      run.expectObservable(send('(a|)', callTo('a', one), part)).toBe('--------(r|)', values);
      run
        .expectObservable(send('-(a|)', callTo('a', { waitMs: 5 }), part))
        .toBe('------#', values, 'ERR_SERVER_BUSY');
      run
        .expectObservable(send('----(a|)', callTo('a', { waitMs: 5 }), part))
        .toBe('----------------(r|)', values);
    }));

  it('forgets who leaves while waiting, and gives back the place of who leaves under way', () =>
    marbles((run) => {
      const { send, bulkheads } = running(run);
      const hung = run.cold('---', values);
      const left = run.cold('r', values);
      const last = run.cold('-(r|)', values);
      run.expectObservable(send('(a|)', callTo('a', one), hung), '-----!').toBe('-', values);
      run.expectObservable(send('-(a|)', callTo('a', one), left), '---!').toBe('-', values);
      run.expectObservable(send('--(a|)', callTo('a', one), last)).toBe('------(r|)', values);
      run.expectSubscriptions(left.subscriptions).toBe([]);
      run.flush();
      assert.deepEqual(bulkheads.crowd('a'), { inFlight: 0, queued: 0 });
    }));

  it('gives back the place of a call that fails, or whose part throws', () =>
    marbles((run) => {
      const { send } = running(run);
      const failed = throwError(() => refusal('ERR_UPSTREAM_FAILED', 'no'));
      const throwing = null as unknown as Observable<Reply>;
      const part = run.cold('-(r|)', values);
      run.expectObservable(send('(a|)', callTo('a', one), failed)).toBe('#', values, 'ERR_UPSTREAM_FAILED');
      run.expectObservable(send('-(a|)', callTo('a', one), throwing)).toBe('-#', values, 'ERR_INTERNAL');
      run.expectObservable(send('--(a|)', callTo('a', one), part)).toBe('---(r|)', values);
    }));

  it('counts each server for itself, and passes one without a limit by', () =>
    marbles((run) => {
      const { send, bulkheads } = running(run);
      const part = run.cold('---(r|)', values);
      for (const call of [callTo('a', one), callTo('b', one), callTo('c'), callTo('c'), callTo('c')])
        run.expectObservable(send('(a|)', call, part)).toBe('---(r|)', values);
      assert.deepEqual(bulkheads.crowd('c'), { inFlight: 0, queued: 0 });
    }));

  it('is synchronous where there is room', () => {
    const replies: Reply[] = [];
    of(callTo('a', one))
      .pipe(
        limitConcurrency(
          mergeMap(() => of(r)),
          new Bulkheads(),
        ),
      )
      .subscribe((reply) => replies.push(reply));
    assert.deepEqual(replies, [r]);
  });

  it('says which limit it was, and when to come back', () => {
    const operator = limitConcurrency<Call>(
      mergeMap(() => new Subject<Reply>()),
      new Bulkheads(),
    );
    const errors: GatewayError[] = [];
    const subscription = of(callTo('a', { queue: 0 }))
      .pipe(operator)
      .subscribe();
    of(callTo('a', { queue: 0 }))
      .pipe(operator)
      .subscribe({ error: (error: GatewayError) => errors.push(error) });
    subscription.unsubscribe();
    const [error] = errors;
    assert.deepEqual(
      [error?.message, error?.data, error?.headers, error?.facts.retryable],
      [
        'This server is busy, and as many calls wait for it as may: try again later (concurrency.queue: 0)',
        { limit: 'concurrency.queue', max: 0 },
        { 'retry-after': '1' },
        true,
      ],
    );
  });

  it('waiting counts towards the deadline, and is no silence of the backend', () =>
    new TestScheduler((actual, expected) => assert.deepEqual(actual, expected)).run((run) => {
      const bulkheads = new Bulkheads();
      const part = run.cold('------(r|)', values);
      const limited = (totalMs: number) =>
        within(
          limitConcurrency<Call>(
            mergeMap(() => part),
            bulkheads,
          ),
          () => ({ firstByteMs: 7, idleMs: 7, askMs: 7, totalMs }),
        );
      const send = (at: string, totalMs: number) =>
        run.cold(at, { a: callTo('a', one) }).pipe(limited(totalMs), byCode());
      run.expectObservable(send('(a|)', 100)).toBe('------(r|)', values);
      run.expectObservable(send('-(a|)', 100)).toBe('------------(r|)', values);
      run.expectObservable(send('-(a|)', 9)).toBe('----------#', values, 'ERR_UPSTREAM_TIMEOUT');
    }));

  it('two thousand that fail as they are let in need no deep stack', () => {
    const bulkheads = new Bulkheads();
    const first = new Subject<Reply>();
    let count = 0;
    const operator = limitConcurrency<Call>(
      mergeMap(() => (count++ === 0 ? first : throwError(() => new Error('no')))),
      bulkheads,
    );
    let failed = 0;
    const call = callTo('a', { max: 1, queue: 2000 });
    for (let index = 0; index <= 2000; index++)
      of(call)
        .pipe(operator)
        .subscribe({ error: () => failed++ });
    assert.deepEqual([bulkheads.crowd('a').inFlight, bulkheads.crowd('a').queued], [1, 2000]);
    first.complete();
    assert.equal(failed, 2000);
    assert.deepEqual(bulkheads.crowd('a'), { inFlight: 0, queued: 0 });
  });

  it('never has more under way than it may, nor lets a place lie idle, whatever comes, ends and leaves', () => {
    const step = fc.oneof(
      fc.constant({ kind: 'come' as const }),
      fc.record({
        kind: fc.constantFrom('end' as const, 'fail' as const, 'leave' as const),
        which: fc.nat(9),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), (steps, max) => {
        const bulkheads = new Bulkheads();
        const under = new Map<Subject<Reply>, Subscription>();
        const clients: Subscription[] = [];
        const operator = limitConcurrency<Call>(
          mergeMap(() => {
            const part = new Subject<Reply>();
            under.set(part, clients[clients.length - 1] as Subscription);
            return part;
          }),
          bulkheads,
        );
        for (const each of steps) {
          const parts = [...under.keys()].filter(({ observed }) => observed);
          if (each.kind === 'come')
            clients.push(
              of(callTo('a', { max, queue: 4 }))
                .pipe(operator)
                .subscribe({ error: () => undefined }),
            );
          else if (each.kind === 'leave') clients[each.which]?.unsubscribe();
          else if (each.kind === 'end') parts[each.which % Math.max(parts.length, 1)]?.complete();
          else parts[each.which % Math.max(parts.length, 1)]?.error(new Error('no'));
          const observed = [...under.keys()].filter((part) => part.observed).length;
          const { inFlight, queued } = bulkheads.crowd('a');
          assert.equal(observed, inFlight);
          assert.ok(inFlight <= max && queued <= 4);
          assert.ok(queued === 0 || inFlight === max, 'a place lies idle');
        }
        for (const client of clients) client.unsubscribe();
        assert.deepEqual(bulkheads.crowd('a'), { inFlight: 0, queued: 0 });
      }),
    );
  });
});
