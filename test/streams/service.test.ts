import assert from 'node:assert/strict';
import { NEVER, Observable, map, mergeMap, of, take, throwError, timer, type OperatorFunction } from 'rxjs';
import { refusal } from '../../src/protocol/errors.js';
import { chain } from '../../src/streams/chain.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { inTurn } from '../../src/streams/inTurn.js';
import { answerOf, service } from '../../src/streams/service.js';
import { stage } from '../../src/streams/stage.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';

describe('streams/service', () => {
  it('answers each value with a stream of its own, and ends with the last', () =>
    marbles(({ cold, expectObservable }) => {
      const answers = { a: cold('-1--1|'), b: cold('-2--2|') };
      const values = cold<'a' | 'b'>(' ab|');
      expectObservable(values.pipe(service((value) => answers[value]))).toBe('-12-12|');
    }));

  it('passes on what it throws and what its answers throw, and leaves the others', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const slow = cold('-----');
      const values = cold('ab');
      const answering = service((value: string): Observable<string> => {
        if (value === 'b') throw refusal('ERR_FORBIDDEN', 'no');
        return slow;
      });
      expectObservable(values.pipe(answering, byCode())).toBe('-#', {}, 'ERR_FORBIDDEN');
      expectSubscriptions(slow.subscriptions).toBe('^!');
      expectSubscriptions(values.subscriptions).toBe('^!');
    }));

  it('begins nothing more when nobody listens any more', () => {
    const begun: number[] = [];
    of(1, 2, 3)
      .pipe(
        service((value) => {
          begun.push(value);
          return of(value);
        }),
        take(1),
      )
      .subscribe();
    assert.deepEqual(begun, [1]);
  });

  it('unsubscribes what is under way', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const slow = cold('-----');
      expectObservable(cold('a').pipe(service(() => slow)), '^--!').toBe('');
      expectSubscriptions(slow.subscriptions).toBe('^--!');
    }));

  it('has a plain function inside, as any operator can have', () => {
    const seen: unknown[] = [];
    const plain: OperatorFunction<number, number> = mergeMap((value) => of(value + 1));
    for (const part of [service((value: number) => of(value + 1)), plain])
      answerOf(part)(1).subscribe((value) => seen.push(value));
    assert.deepEqual(seen, [2, 2]);
  });
});

describe('streams/inTurn', () => {
  const always = () => true;

  it('goes on until one succeeds, and tells how each failed', () =>
    marbles(({ cold, expectObservable }) => {
      const attempts = [cold('--#', {}, 'one'), cold('-n#', { n: 'n' }, 'two'), cold('--r|')];
      const told: unknown[] = [];
      const replies$ = inTurn(
        (index) => attempts[index] ?? NEVER,
        (...what) => told.push(what) > 0,
      );
      expectObservable(replies$).toBe('---n--r|');
      queueMicrotask(() =>
        assert.deepEqual(told, [
          ['one', 0, false],
          ['two', 1, true],
        ]),
      );
    }));

  it('ends with the last error, thrown or not', () =>
    marbles(({ expectObservable }) => {
      const thrown = inTurn<string>(
        (index) => {
          throw refusal(index === 2 ? 'ERR_FORBIDDEN' : 'ERR_OVERLOADED', 'no');
        },
        (_error, index) => index < 2,
      );
      expectObservable(thrown.pipe(byCode())).toBe('#', {}, 'ERR_FORBIDDEN');
    }));

  it('tries nothing more when nobody listens any more', () => {
    const tried: number[] = [];
    const replies$ = inTurn((index) => {
      tried.push(index);
      return new Observable<number>((subscriber) => {
        subscriber.next(index);
        subscriber.error(new Error('late'));
      });
    }, always);
    replies$.pipe(take(1)).subscribe();
    assert.deepEqual(tried, [0]);
  });

  it('unsubscribes the attempt under way', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const second = cold('-----');
      const replies$ = inTurn((index) => (index === 0 ? cold('-#') : second), always);
      expectObservable(replies$, '^--!').toBe('');
      expectSubscriptions(second.subscriptions).toBe('-^-!');
    }));
});

describe('streams/chain', () => {
  const a = call('a');
  const mark = (name: string): OperatorFunction<Exchange, Exchange> =>
    stage<unknown, unknown>((exchange) => ({ ...exchange, id: exchange.id + name }));
  const waits: OperatorFunction<Exchange, Exchange> = stage<unknown, unknown>((exchange) =>
    timer(3).pipe(map(() => ({ ...exchange, id: `${exchange.id}w` }))),
  );
  const refuses: OperatorFunction<Exchange, Exchange> = stage<unknown, unknown>(() => {
    throw refusal('ERR_FORBIDDEN', 'no');
  });
  const idsAnswer = service(({ id }: Exchange) => of(id.slice(a.id.length), '!'));
  const ids = map(({ id }: Exchange) => id.slice(a.id.length));
  const calls = { a };

  it('is what pipe is, in the frame the value came', () =>
    marbles(({ cold, expectObservable }) => {
      const values = { x: '12' };
      const two = chain(mark('1'), mark('2'));
      expectObservable(cold('-a-|', calls).pipe(two, ids)).toBe('-x-|', values);
      expectObservable(cold('-a-|', calls).pipe(chain(mark('1')), ids)).toBe('-y-|', { y: '1' });
    }));

  it('waits in the middle, and runs on from there', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source = cold('-a-|', calls);
      const waiting = chain(mark('1'), waits, mark('2'), waits, mark('3'));
      expectObservable(source.pipe(waiting, ids)).toBe('-------(x|)', { x: '1w2w3' });
      expectSubscriptions(source.subscriptions).toBe('^--!');
    }));

  it('answers with the service at its end, at once or after a wait', () =>
    marbles(({ cold, expectObservable }) => {
      const now = chain(mark('1'), idsAnswer);
      const later = chain(mark('1'), waits, mark('2'), idsAnswer);
      expectObservable(cold('-a---|', calls).pipe(now)).toBe('-(xy)|', { x: '1', y: '!' });
      expectObservable(cold('-(a|)', calls).pipe(later)).toBe('----(xy|)', { x: '1w2', y: '!' });
      expectObservable(now.length === 1 ? answerOf(now)(a) : NEVER).toBe('(xy|)', { x: '1', y: '!' });
    }));

  it('ends with what a part throws, before and after a wait, and runs nothing beneath', () =>
    marbles(({ cold, expectObservable }) => {
      const never = service((): Observable<string> => assert.fail('ran'));
      for (const [part, expected] of [
        [chain(refuses, never), '#'],
        [chain(waits, refuses, never), '---#'],
        [chain(mark('1'), waits, mark('2'), refuses, never), '---#'],
      ] as const)
        expectObservable(cold('a', calls).pipe(part, byCode())).toBe(expected, {}, 'ERR_FORBIDDEN');
    }));

  it('stops waiting when it is left', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const slow = cold('------');
      const stalls: OperatorFunction<Exchange, Exchange> = stage<unknown, unknown>((exchange) =>
        slow.pipe(map(() => exchange)),
      );
      const waiting = chain(stalls, idsAnswer);
      expectObservable(cold('a', calls).pipe(waiting), '^--!').toBe('');
      expectSubscriptions(slow.subscriptions).toBe('^--!');
    }));

  it('takes any operator, as its type says', () =>
    marbles(({ cold, expectObservable }) => {
      expectObservable(cold('-a|', calls).pipe(chain(mark('1'), ids))).toBe('-x|', { x: '1' });
      expectObservable(
        cold('-a---|', calls).pipe(
          chain(
            mark('1'),
            idsAnswer,
            service((id) => of(id)),
          ),
        ),
      ).toBe('-(xy)|', { x: '1', y: '!' });
      const failing = chain(
        mark('1'),
        mergeMap(() => throwError(() => refusal('ERR_FORBIDDEN', 'no'))),
      );
      expectObservable(cold('a', calls).pipe(failing, byCode())).toBe('#', {}, 'ERR_FORBIDDEN');
    }));
});
