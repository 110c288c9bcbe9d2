import assert from 'node:assert/strict';
import { Subject } from 'rxjs';
import { constant, latest, select } from '../../src/streams/latest.js';
import { marbles } from '../../src/testing/marbles.js';

describe('streams/latest', () => {
  it('has the initial value until the feed speaks, then the newest', () => {
    const feed = new Subject<number>();
    const value = latest(feed, 0);
    assert.equal(value.current, 0);
    feed.next(1);
    feed.next(2);
    assert.equal(value.current, 2);
    value.close();
  });

  it('keeps the last good value when the feed errs, and says so once', () => {
    const feed = new Subject<number>();
    const errors: unknown[] = [];
    const value = latest(feed, 0, (error) => errors.push(error));
    feed.next(1);
    feed.error('broken');
    assert.equal(value.current, 1);
    assert.deepEqual(errors, ['broken']);
  });

  it('changes$ begins with the current value', () =>
    marbles(({ cold, expectObservable }) => {
      const feed = cold('   --a--b|');
      const expected = '    i-a--b-';
      expectObservable(latest(feed, 'i').changes$).toBe(expected);
    }));

  it('holds one subscription to the feed, whoever reads, until it is closed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const feed = cold('   --a--b--c--');
      const subs = '        ^-----!';
      const value = latest(feed, 'i');
      expectObservable(value.changes$, '^---!').toBe('      i-a--');
      expectObservable(value.changes$, '---^------').toBe(' ---a-b');
      cold('                ------x').subscribe(() => value.close());
      expectSubscriptions(feed.subscriptions).toBe(subs);
      flush();
      assert.equal(value.current, 'b');
    }));

  it('select reads through; constant stays', () => {
    const feed = new Subject<{ n: number }>();
    const value = latest(feed, { n: 1 });
    const doubled = select(value, ({ n }) => n * 2);
    assert.equal(doubled.current, 2);
    feed.next({ n: 4 });
    assert.equal(doubled.current, 8);
    const seen: number[] = [];
    doubled.changes$.subscribe((n) => seen.push(n));
    feed.next({ n: 5 });
    assert.deepEqual(seen, [8, 10]);
    assert.equal(constant('x').current, 'x');
  });
});
