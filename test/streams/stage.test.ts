import assert from 'node:assert/strict';
import { from, of, take, throwError, timer, map } from 'rxjs';
import { refusal } from '../../src/protocol/errors.js';
import type { Exchange } from '../../src/streams/exchange.js';
import { stage } from '../../src/streams/stage.js';
import { byCode } from '../../src/testing/byCode.js';
import { call } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';

interface Marked {
  readonly mark: string;
}

const a = call('a');
const b = call('b');
const marked = (exchange: Exchange) => ({ ...exchange, mark: exchange.message.method.toUpperCase() });
const values = { a, b, A: marked(a), B: marked(b) };

const sync = stage<unknown, Marked>((exchange) => ({
  ...exchange,
  mark: exchange.message.method.toUpperCase(),
}));
/** Waits two frames, then goes on. */
const waits = stage<unknown, Marked>((exchange) =>
  timer(2).pipe(map(() => ({ ...exchange, mark: exchange.message.method.toUpperCase() }))),
);
const refuses = stage<unknown, unknown>((exchange) => {
  if (exchange.message.method === 'b') throw refusal('ERR_FORBIDDEN', 'b may not');
  return exchange;
});

describe('streams/stage', () => {
  it('passes a value in the frame it came', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--b--|', values);
      const subs = '        ^-------!';
      const expected = '    --A--B--|';
      expectObservable(calls.pipe(sync)).toBe(expected, values);
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('waits for what is not at hand, and completes after the last', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--b|', values);
      const subs = '        ^-----!';
      const expected = '    ----A--(B|)';
      expectObservable(calls.pipe(waits)).toBe(expected, values);
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('turns a throw into an error and lets go of its source', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--b--a--|', values);
      const subs = '        ^----!';
      const expected = '    --a--#';
      expectObservable(calls.pipe(refuses, byCode())).toBe(expected, values, 'ERR_FORBIDDEN');
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('passes on an error of what it waits for', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const miss = stage<unknown, unknown>(() => cold('-#', undefined, refusal('ERR_OVERLOADED', '')));
      const calls = cold('  --a--b--|', values);
      const subs = '        ^--!';
      const expected = '    ---#';
      expectObservable(calls.pipe(miss, byCode())).toBe(expected, values, 'ERR_OVERLOADED');
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('passes on an error of its source', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const calls = cold('  --a--#', values);
      const subs = '        ^----!';
      const expected = '    --A--#';
      expectObservable(calls.pipe(sync)).toBe(expected, values);
      expectSubscriptions(calls.subscriptions).toBe(subs);
    }));

  it('lets go of source and waiting when unsubscribed, and emits nothing after', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const inner = cold('     --x|');
      const waiting = stage<unknown, unknown>((exchange) => inner.pipe(map(() => exchange)));
      const calls = cold('  --a--b--|', values);
      const subs = '        ^--!';
      const innerSubs = '   --^!';
      const expected = '    ----';
      expectObservable(calls.pipe(waiting), '^--!').toBe(expected, values);
      expectSubscriptions(calls.subscriptions).toBe(subs);
      expectSubscriptions(inner.subscriptions).toBe(innerSubs);
    }));

  it('does no work for anyone after a refusal or an unsubscription in a synchronous source', () => {
    const seen: string[] = [];
    const spy = stage<unknown, unknown>((exchange) => {
      seen.push(exchange.message.method);
      if (exchange.message.method === 'b') throw refusal('ERR_FORBIDDEN', '');
      return exchange;
    });
    from([a, a, a]).pipe(spy, take(1)).subscribe();
    assert.deepEqual(seen, ['a']);
    from([b, a, a])
      .pipe(spy)
      .subscribe({ error: () => undefined });
    assert.deepEqual(seen, ['a', 'b']);
  });

  it('keeps the plain function reachable', () => {
    assert.equal(of(a).pipe(sync) instanceof Object, true);
    assert.deepEqual(sync.step(a), values.A);
  });

  it('keeps waiting exchanges apart: an error of one ends both, as one stream has one end', () =>
    marbles(({ cold, expectObservable }) => {
      const slow = stage<unknown, unknown>((exchange) =>
        exchange.message.method === 'a'
          ? timer(5).pipe(map(() => exchange))
          : throwError(() => refusal('ERR_FORBIDDEN', '')),
      );
      const calls = cold('  ab|', values);
      const expected = '    -#';
      expectObservable(calls.pipe(slow, byCode())).toBe(expected, values, 'ERR_FORBIDDEN');
    }));
});
