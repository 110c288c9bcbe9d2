import assert from 'node:assert/strict';
import { mergeMap, tap } from 'rxjs';
import { within, type Limits } from '../../src/operators/within.js';
import type { GatewayError } from '../../src/protocol/errors.js';
import { result, type Reply } from '../../src/streams/reply.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';

const n: Reply = { kind: 'notification', method: 'notifications/progress', params: {} };
const r = result({});
const calls = { a: call('tools/call') };
const values = { n, r };
const limits =
  (idleMs: number, totalMs = 1000) =>
  (): Limits => ({ firstByteMs: idleMs, idleMs, askMs: 100, totalMs });

describe('operators/within', () => {
  it('passes replies in their frames', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('   --n--(r|)', values);
      const arrives = cold('  -a|', calls);
      const subs = '        ^-!';
      const partSubs = '    -^----!';
      const expected = '    ---n--(r|)';
      expectObservable(
        arrives.pipe(
          within(
            mergeMap(() => part),
            limits(5),
          ),
        ),
      ).toBe(expected, values);
      expectSubscriptions(arrives.subscriptions).toBe(subs);
      expectSubscriptions(part.subscriptions).toBe(partSubs);
    }));

  it('ends a silent call and unsubscribes it: ERR_UPSTREAM_TIMEOUT', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('   ------------r', values);
      const arrives = cold('  -a|', calls);
      const partSubs = '    -^----!';
      const expected = '    ------#';
      expectObservable(
        arrives.pipe(
          within(
            mergeMap(() => part),
            limits(5),
          ),
          byCode(),
        ),
      ).toBe(expected, values, 'ERR_UPSTREAM_TIMEOUT');
      expectSubscriptions(part.subscriptions).toBe(partSubs);
    }));

  it('counts silence from the last reply: progress keeps a call alive', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('   ---n---n---------r', values);
      const partSubs = '    ^-----------!';
      const expected = '    ---n---n----#';
      const arrives = cold('  a|', calls);
      expectObservable(
        arrives.pipe(
          within(
            mergeMap(() => part),
            limits(5),
          ),
          byCode(),
        ),
      ).toBe(expected, values, 'ERR_UPSTREAM_TIMEOUT');
      expectSubscriptions(part.subscriptions).toBe(partSubs);
    }));

  it('ends a lively call at its total', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('   --n--n--n--n--n--r', values);
      const partSubs = '    ^---------!';
      const expected = '    --n--n--n-#';
      const arrives = cold('  a|', calls);
      expectObservable(
        arrives.pipe(
          within(
            mergeMap(() => part),
            limits(5, 10),
          ),
          byCode(),
        ),
      ).toBe(expected, values, 'ERR_UPSTREAM_TIMEOUT');
      expectSubscriptions(part.subscriptions).toBe(partSubs);
    }));

  it('a total shorter than the silence allowed is the silence allowed', () =>
    marbles(({ cold, expectObservable }) => {
      const part = cold('   --------r', values);
      const arrives = cold('  a|', calls);
      const expected = '    ---#';
      expectObservable(
        arrives.pipe(
          within(
            mergeMap(() => part),
            limits(50, 3),
          ),
          byCode(),
        ),
      ).toBe(expected, values, 'ERR_UPSTREAM_TIMEOUT');
    }));

  it('passes on an error of its part', () =>
    marbles(({ cold, expectObservable }) => {
      const part = cold<Reply>('   --#');
      const arrives = cold('  a|', calls);
      const expected = '    --#';
      expectObservable(
        arrives.pipe(
          within(
            mergeMap(() => part),
            limits(5),
          ),
        ),
      ).toBe(expected);
    }));

  it('leaves no timer behind when unsubscribed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const part = cold('   --n------', values);
      const arrives = cold('  a|', calls);
      const partSubs = '    ^--!';
      const expected = '    --n-';
      expectObservable(
        arrives.pipe(
          within(
            mergeMap(() => part),
            limits(5),
          ),
        ),
        '^--!',
      ).toBe(expected, values);
      expectSubscriptions(part.subscriptions).toBe(partSubs);
    }));

  it('counts the time before the first reply and between two by limits of their own', () =>
    marbles(({ cold, expectObservable }) => {
      const of = (): Limits => ({ firstByteMs: 3, idleMs: 6, askMs: 100, totalMs: 1000 });
      const run = (drawing: string) =>
        cold('a|', calls).pipe(
          within(
            mergeMap(() => cold(drawing, values)),
            of,
          ),
          byCode(),
        );
      expectObservable(run('----n')).toBe('---#', values, 'ERR_UPSTREAM_TIMEOUT');
      expectObservable(run('--n----n----r|')).toBe('--n----n----r|', values);
      expectObservable(run('--n-------n')).toBe('--n-----#', values, 'ERR_UPSTREAM_TIMEOUT');
    }));

  it('does not count as silence what the part says it waits for; the total goes on', () =>
    marbles(({ cold, expectObservable }) => {
      const waiting = (drawing: string, limit: () => Limits) =>
        cold('a|', calls).pipe(
          within(
            mergeMap(({ clock }) => {
              clock?.hold();
              return cold('----------(g|)').pipe(
                tap(() => clock?.goOn()),
                mergeMap(() => cold(drawing, values)),
              );
            }),
            limit,
          ),
          byCode(),
        );
      expectObservable(waiting('---r|', limits(5))).toBe('-------------r|', values);
      expectObservable(waiting('------r|', limits(5))).toBe(
        '---------------#',
        values,
        'ERR_UPSTREAM_TIMEOUT',
      );
      expectObservable(waiting('---r|', limits(5, 8))).toBe('--------#', values, 'ERR_UPSTREAM_TIMEOUT');
    }));

  it('a client can shorten its call, and not prolong it', () =>
    marbles(({ cold, expectObservable }) => {
      const given = (givenMs: number) =>
        cold('a|', calls).pipe(
          within(
            mergeMap(() => cold('--n--n--n--n--n--n--r|', values)),
            () => ({ ...limits(5, 15)(), givenMs }),
          ),
          byCode(),
        );
      expectObservable(given(4)).toBe('--n-#', values, 'ERR_UPSTREAM_TIMEOUT');
      expectObservable(given(1000)).toBe('--n--n--n--n--n#', values, 'ERR_UPSTREAM_TIMEOUT');
      expectObservable(given(0)).toBe('#', values, 'ERR_UPSTREAM_TIMEOUT');
    }));

  it('tells its part when the call must have ended', () =>
    marbles(({ cold, expectObservable }) => {
      const seen = (of: () => Limits) =>
        cold('--a|', calls).pipe(
          within(
            mergeMap(({ clock }) => [result({ deadlineAt: clock?.deadlineAt })]),
            of,
          ),
        );
      expectObservable(seen(limits(5, 8))).toBe('--r|', { r: result({ deadlineAt: 10 }) });
      expectObservable(seen(() => ({ ...limits(5, 8)(), givenMs: 3 }))).toBe('--r|', {
        r: result({ deadlineAt: 5 }),
      });
    }));

  it('says which limit it was, in milliseconds, and nothing else', () =>
    marbles(({ cold, flush }) => {
      const errors: unknown[] = [];
      const ask: Reply = { kind: 'ask', method: 'roots/list', params: {}, answer: () => undefined };
      const read = (part: string, of: () => Limits) =>
        cold('a|', calls)
          .pipe(
            within(
              mergeMap(() => cold(part, { ...values, a: ask })),
              of,
            ),
          )
          .subscribe({
            error: ({ message, data, outcome }: GatewayError) => errors.push([message, data, outcome]),
          });
      read('-----', limits(3));
      read('-n---', limits(3));
      read('-n-n-n', limits(3, 4));
      read('-n-n-n', () => ({ ...limits(3, 10)(), givenMs: 5 }));
      read('-a', limits(3));
      flush();
      assert.deepEqual(errors, [
        [
          'The backend did not begin to answer within 3 ms, the limit of this call (first_byte)',
          { limit: 'first_byte', ms: 3 },
          'timeout',
        ],
        [
          'The backend was silent for 3 ms, the limit of this call (idle)',
          { limit: 'idle', ms: 3 },
          'timeout',
        ],
        [
          'The call took longer than 4 ms, the limit of this call (total)',
          { limit: 'total', ms: 4 },
          'timeout',
        ],
        [
          'The call took longer than 5 ms, the time that its client gave it',
          { limit: 'total', ms: 5 },
          'timeout',
        ],
        ['What the backend asked for was not answered within 100 ms', { limit: 'ask', ms: 100 }, 'cancelled'],
      ]);
    }));
});
