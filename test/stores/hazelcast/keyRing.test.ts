import assert from 'node:assert/strict';
import { inUse, turned, type KeyRing } from '../../../src/stores/hazelcast/keyRing.js';

const turning = { everyMs: 100, overlapMs: 30, leadMs: 5, make: () => 'new' };

describe('stores/hazelcast/keyRing', () => {
  const cases: readonly (readonly [story: string, before: KeyRing, now: number, after: KeyRing])[] = [
    ['begins with one that seals at once', [], 7, [{ secret: 'new', from: 7 }]],
    ['stays as it is while the newest is young', [{ secret: 'a', from: 0 }], 99, [{ secret: 'a', from: 0 }]],
    [
      'gets the next, which seals a little later',
      [{ secret: 'a', from: 0 }],
      100,
      [
        { secret: 'new', from: 105 },
        { secret: 'a', from: 0 },
      ],
    ],
    [
      'keeps one that has just ceased to seal',
      [
        { secret: 'b', from: 105 },
        { secret: 'a', from: 0 },
      ],
      134,
      [
        { secret: 'b', from: 105 },
        { secret: 'a', from: 0 },
      ],
    ],
    [
      'drops one whose time to open is over',
      [
        { secret: 'b', from: 105 },
        { secret: 'a', from: 0 },
      ],
      135,
      [{ secret: 'b', from: 105 }],
    ],
    [
      'after a long time asleep keeps what sealed until now',
      [
        { secret: 'b', from: 105 },
        { secret: 'a', from: 0 },
      ],
      9000,
      [
        { secret: 'new', from: 9005 },
        { secret: 'b', from: 105 },
      ],
    ],
  ];
  for (const [story, before, now, after] of cases)
    it(story, () => {
      const next = turned(before, now, turning);
      assert.deepEqual(next, after);
      if (JSON.stringify(before) === JSON.stringify(after)) assert.equal(next, before, 'the same object');
    });

  it('is used in an order that changes when the next begins to seal', () => {
    const ring = [
      { secret: 'c', from: 200 },
      { secret: 'b', from: 100 },
      { secret: 'a', from: 0 },
    ];
    assert.deepEqual(inUse(ring, 199), ['b', 'c', 'a']);
    assert.deepEqual(inUse(ring, 200), ['c', 'b', 'a']);
    assert.deepEqual(inUse(ring, -1), ['a', 'c', 'b'], 'by a clock that is late');
    assert.deepEqual(inUse([], 0), []);
  });
});
