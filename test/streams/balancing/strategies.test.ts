import assert from 'node:assert/strict';
import fc from 'fast-check';
import { leastOutstanding } from '../../../src/streams/balancing/leastOutstanding.js';
import { sticky } from '../../../src/streams/balancing/sticky.js';
import { weighted } from '../../../src/streams/balancing/weighted.js';
import { resolvedCall } from '../../operators/scenarios.js';
import { instancesWith } from './instances.js';

const call = resolvedCall();
const named = (count: number) => Array.from({ length: count }, (_, index) => `i${index}`);
const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 8 });
const counted = (ids: readonly (string | undefined)[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const id of ids) counts[id ?? ''] = (counts[id ?? ''] ?? 0) + 1;
  return counts;
};

describe('streams/balancing: strategies', () => {
  it('weighted: 5, 1, 1 is spread over the round', () => {
    const instances = instancesWith(['a', 'b', 'c'], { weights: [5, 1, 1] });
    const order = weighted();
    const firsts = Array.from({ length: 7 }, () => order(instances, call)[0]?.id).join('');
    assert.equal(firsts, 'aabacaa');
  });

  it('weighted: in any round each has its weight, and is never a whole call ahead of its share', () =>
    fc.assert(
      fc.property(weights, (given) => {
        const instances = instancesWith(named(given.length), { weights: given });
        const order = weighted();
        const sum = given.reduce((all, weight) => all + weight, 0);
        for (let round = 0; round < 3; round++) {
          const got = given.map(() => 0);
          for (let n = 1; n <= sum; n++) {
            const [chosen] = order(instances, call);
            const first = instances.findIndex((instance) => instance === chosen);
            got[first] = (got[first] ?? 0) + 1;
            for (const [index, weight] of given.entries())
              assert.ok((got[index] ?? 0) - (n * weight) / sum < 1, 'ahead of its share');
          }
          assert.deepEqual(got, given);
        }
      }),
      { numRuns: 100 },
    ));

  it('all: each order names every candidate once', () =>
    fc.assert(
      fc.property(weights, fc.array(fc.string(), { maxLength: 20 }), (given, callers) => {
        const instances = instancesWith(named(given.length), { weights: given });
        const byName = sticky(({ origin }) => origin.sessionId ?? '');
        const strategies = [weighted(), leastOutstanding(), byName];
        for (const sessionId of callers)
          for (const order of strategies)
            assert.deepEqual(
              order(instances, resolvedCall({}, { sessionId }))
                .map(({ id }) => id)
                .toSorted(),
              instances.map(({ id }) => id),
            );
      }),
      { numRuns: 50 },
    ));

  it('least outstanding: the one with the fewest calls for its weight', () => {
    const instances = instancesWith(['a', 'b'], { weights: [1, 3] });
    const order = leastOutstanding();
    const got: string[] = [];
    for (let n = 0; n < 8; n++) {
      const [first] = order(instances, call);
      got.push(first?.id ?? '');
      first?.standing?.begin();
    }
    assert.deepEqual(counted(got), { a: 2, b: 6 });
  });

  it('least outstanding: a frozen one soon gets none', () => {
    const instances = instancesWith(['a', 'frozen']);
    const order = leastOutstanding();
    for (let n = 0; n < 20; n++) {
      const [first] = order(instances, call);
      const ticket = first?.standing?.begin() ?? 0;
      if (first?.id === 'a') first.standing?.succeeded(ticket);
    }
    assert.equal(instances[1]?.standing.outstanding, 1);
  });

  it('sticky: when one goes only its callers move, and to all others', () => {
    const instances = instancesWith(named(5));
    const order = sticky(({ origin }) => origin.sessionId ?? '');
    const firsts = (of: typeof instances) =>
      Array.from({ length: 1000 }, (_, n) => order(of, resolvedCall({}, { sessionId: `s${n}` }))[0]?.id);
    const before = firsts(instances);
    const after = firsts(instances.filter(({ id }) => id !== 'i2'));
    const moved = after.filter((_, n) => before[n] === 'i2');
    for (const [n, id] of after.entries()) if (before[n] !== 'i2') assert.equal(id, before[n]);
    assert.deepEqual(Object.keys(counted(moved)).toSorted(), ['i0', 'i1', 'i3', 'i4']);
    for (const count of Object.values(counted(before)))
      assert.ok(count > 140 && count < 260, `${count} of 1,000`);
  });

  it('sticky: by weight', () => {
    const instances = instancesWith(['a', 'b'], { weights: [1, 3] });
    const order = sticky(({ origin }) => origin.sessionId ?? '');
    const heavy = Array.from(
      { length: 1000 },
      (_, n) => order(instances, resolvedCall({}, { sessionId: `s${n}` }))[0]?.id,
    ).filter((id) => id === 'b').length;
    assert.ok(heavy > 690 && heavy < 810, `${heavy} of 1,000`);
  });
});
