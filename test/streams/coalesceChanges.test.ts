import assert from 'node:assert/strict';
import { Subject } from 'rxjs';
import type { Change } from '../../src/streams/change.js';
import { coalesceChanges } from '../../src/streams/coalesceChanges.js';
import { alwaysOpen, valve } from '../../src/streams/valve.js';
import { marbles } from '../../src/testing/marbles.js';

const resource = (subscribed: string, uri = subscribed): Change => ({ kind: 'resource', subscribed, uri });
const values: Readonly<Record<string, Change>> = {
  t: { kind: 'list', list: 'tools' },
  p: { kind: 'list', list: 'prompts' },
  a: resource('doc:a'),
  x: resource('doc:a', 'doc:a/x'),
  y: resource('doc:a', 'doc:a/y'),
};

describe('streams/coalesceChanges', () => {
  it('lets the first pass at once, then each once at the end of a pause', () =>
    marbles(({ hot, expectObservable }) => {
      const source = hot('  --t-t-t-p---------t--', values);
      const expected = '    --t-----(tp)------t--';
      const result = source.pipe(coalesceChanges({ everyMs: 6, valve: alwaysOpen }));
      expectObservable(result, '^-------------------!').toBe(expected, values);
    }));

  it('names one part of a resource, or the resource when several have changed', () =>
    marbles(({ hot, expectObservable }) => {
      const source = hot('  tx-----xy----', values);
      const expected = '    t--x---x--y--';
      const result = source.pipe(coalesceChanges({ everyMs: 3, valve: alwaysOpen }));
      expectObservable(result, '^-----------!').toBe(expected, values);
      const both = hot('    t-xy-----', values);
      const joined = '      t----a---';
      expectObservable(both.pipe(coalesceChanges({ everyMs: 5, valve: alwaysOpen })), '^-------!').toBe(
        joined,
        values,
      );
    }));

  it('holds for a client that does not read each thing once, and gives it when it reads again', () => {
    const source = new Subject<Change>();
    const demand = valve();
    const seen: Change[] = [];
    const subscription = source
      .pipe(coalesceChanges({ everyMs: 60_000, valve: demand }))
      .subscribe((change) => seen.push(change));
    demand.pause();
    for (let i = 0; i < 1000; i++) for (const key of ['t', 'p', 'a']) source.next(values[key] as Change);
    assert.deepEqual(seen, []);
    demand.resume();
    assert.deepEqual(seen, [values['t'], values['p'], values['a']]);
    subscription.unsubscribe();
  });
});
