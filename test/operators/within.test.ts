import assert from 'node:assert/strict';
import { mergeMap } from 'rxjs';
import { within, type Limits } from '../../src/operators/within.js';
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
  (): Limits => ({ idleMs, askMs: 100, totalMs });

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
      const partSubs = '    ^----------!';
      const expected = '    --n--n--n--#';
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

  it('takes an answer that comes late rather than throw it away', () =>
    marbles(({ cold, expectObservable }) => {
      const part = cold('   --n--n--n--(r|)', values);
      const arrives = cold('  a|', calls);
      const expected = '    --n--n--n--(r|)';
      expectObservable(
        arrives.pipe(
          within(
            mergeMap(() => part),
            limits(5, 10),
          ),
        ),
      ).toBe(expected, values);
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

  it('says which limit it was, in milliseconds, and nothing else', () =>
    marbles(({ cold, flush }) => {
      const messages: string[] = [];
      const read = (part: string, of: () => Limits) =>
        cold('a|', calls)
          .pipe(
            within(
              mergeMap(() => cold(part, values)),
              of,
            ),
          )
          .subscribe({ error: (error: Error) => messages.push(error.message) });
      read('-----', limits(3));
      read('-n-n-n', limits(3, 4));
      flush();
      assert.deepEqual(messages, [
        'The backend was silent for 3 ms, the limit of this call',
        'The call took longer than 4 ms, the limit for any call',
      ]);
    }));
});
