import { EMPTY, type Observable } from 'rxjs';
import { whileListed } from '../../src/streams/whileListed.js';
import { marbles } from '../../src/testing/marbles.js';

describe('streams/whileListed', () => {
  const lists: Readonly<Record<string, readonly string[]>> = { x: ['a'], y: ['b', 'a'], z: ['b'], n: [] };

  it('runs a stream for each member while it is there, and does not touch the one that stays', () =>
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const lists$ = hot('  -x---y--z------', lists);
      const a = cold('       --1--2--3--4');
      const aSubs = '       -^------!------';
      const b = cold('           --5----6----');
      const bSubs = '       -----^--------!';
      const expected = '    ---1--25----6--';
      const streams: Readonly<Record<string, Observable<string>>> = { a, b };
      expectObservable(
        lists$.pipe(whileListed((name) => streams[name] ?? EMPTY)),
        '                   ^-------------!',
      ).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(aSubs);
      expectSubscriptions(b.subscriptions).toBe(bSubs);
    }));

  it('begins anew for one that was away, not for one that has completed', () =>
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const lists$ = hot('  -x----x--n--x--', lists);
      const a = cold('       --1|          ');
      const subs = ['       -^--!          ', '------------^--!'];
      const expected = '    ---1----------1';
      expectObservable(lists$.pipe(whileListed(() => a))).toBe(expected);
      expectSubscriptions(a.subscriptions).toBe(subs);
    }));

  it('says farewell for each that is there no more, and for none when nobody listens any more', () =>
    marbles(({ cold, hot, expectObservable }) => {
      const lists$ = hot(' -y----z---x----', lists);
      const subs = '        ^------------!';
      const expected = '    -(11)-a---(b1)-';
      const words$ = lists$.pipe(
        whileListed(
          () => cold('1'),
          (name) => [name],
        ),
      );
      expectObservable(words$, subs).toBe(expected);
    }));

  it('an error of one, or of the lists, ends all', () =>
    marbles(({ cold, hot, expectObservable, expectSubscriptions }) => {
      const lists$ = hot('  -y-----', lists);
      const [a, b] = [cold(' --#'), cold(' ----1')];
      const expected = '    ---#';
      expectObservable(lists$.pipe(whileListed((name) => (name === 'a' ? a : b)))).toBe(expected);
      expectSubscriptions(b.subscriptions).toBe('-^-!');
      const broken$ = hot(' -x-#', lists);
      expectObservable(broken$.pipe(whileListed(() => cold('-1-')))).toBe('--1#');
    }));

  it('a stream that leads to the next list is ended by it', () =>
    marbles(({ cold, expectObservable }) => {
      const lists$ = cold(' x--(n|)', lists);
      expectObservable(lists$.pipe(whileListed(() => cold('1--2')))).toBe('1');
    }));
});
