import { TestScheduler } from 'rxjs/testing';
import assert from 'node:assert/strict';
import { hedged } from '../../../src/streams/balancing/hedged.js';
import { Silences } from '../../../src/streams/silences.js';
import { marbles } from '../../../src/testing/marbles.js';

const watch = (ms = 4) => new Silences(ms);

describe('streams/balancing/hedged', () => {
  it('begins no second while the first speaks in time', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' ---a---b|');
      const second = cold('-c|');
      const expected = '   ---a---b|';
      expectObservable(hedged(first, () => second, watch())).toBe(expected);
      expectSubscriptions(second.subscriptions).toBe([]);
    }));

  it('takes the second when it speaks first, and leaves the first', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' ----------a|');
      const second = cold('    --b-c|');
      const expected = '   ------b-c|';
      expectObservable(hedged(first, () => second, watch())).toBe(expected);
      expectSubscriptions(first.subscriptions).toBe('^-----!');
      expectSubscriptions(second.subscriptions).toBe('----^----!');
    }));

  it('takes the first when it speaks first all the same, and leaves the second', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' -----a--b|');
      const second = cold('    ---c|');
      const expected = '   -----a--b|';
      expectObservable(hedged(first, () => second, watch())).toBe(expected);
      expectSubscriptions(first.subscriptions).toBe(' ^--------!');
      expectSubscriptions(second.subscriptions).toBe('----^!');
    }));

  it('fails as the first fails, while it is alone', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold(' --#');
      const second = cold('b|');
      expectObservable(hedged(first, () => second, watch())).toBe('--#');
      expectSubscriptions(second.subscriptions).toBe([]);
    }));

  it('passes over one that fails while the other is under way, whichever it is', () =>
    marbles(({ cold, expectObservable }) => {
      expectObservable(hedged(cold('-----#'), () => cold('---b|'), watch())).toBe(' -------b|');
      expectObservable(hedged(cold('-------a|'), () => cold('-#'), watch())).toBe('-------a|');
    }));

  it('fails as the last one fails when both do', () =>
    marbles(({ cold, expectObservable }) => {
      const [one, two] = [new Error('one'), new Error('two')];
      expectObservable(hedged(cold('-----#', {}, one), () => cold('---#', {}, two), watch())).toBe(
        '-------#',
        {},
        two,
      );
    }));

  it('fails as its winner fails, for nobody is left to take over', () =>
    marbles(({ cold, expectObservable }) => {
      expectObservable(hedged(cold('------'), () => cold('-b-#'), watch())).toBe('-----b-#');
    }));

  it('goes on with the first where there is to be no second after all', () =>
    marbles(({ cold, expectObservable }) => {
      expectObservable(hedged(cold('-------a|'), () => undefined, watch())).toBe('-------a|');
    }));

  it('unsubscribes both, and begins none afterwards', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const first = cold('---');
      const second = cold('---');
      expectObservable(
        hedged(first, () => second, watch()),
        '------!',
      ).toBe('-');
      expectSubscriptions(first.subscriptions).toBe(' ^-----!');
      expectSubscriptions(second.subscriptions).toBe('----^-!');
      const late = cold('---');
      expectObservable(
        hedged(cold('---'), () => late, watch()),
        '--!',
      ).toBe('-');
      expectSubscriptions(late.subscriptions).toBe([]);
    }));

  it('is synchronous where the attempts are', () =>
    new TestScheduler((actual, expected) => assert.deepEqual(actual, expected)).run(
      ({ cold, expectObservable }) => {
        expectObservable(hedged(cold('(a|)'), () => undefined, watch())).toBe('(a|)');
        expectObservable(hedged(cold('---'), () => cold('(b|)'), watch())).toBe('----(b|)');
      },
    ));
});
