import assert from 'node:assert/strict';
import { KeyedMembers } from '../../src/streams/keyedMembers.js';
import { Members } from '../../src/streams/members.js';

describe('streams/members', () => {
  it('keeps the order of coming, whoever leaves', () => {
    const members = new Members<number>();
    const places = [0, 1, 2, 3, 4].map((item) => members.add(item));
    for (const [index, left] of [
      [2, [0, 1, 3, 4]],
      [0, [1, 3, 4]],
      [4, [1, 3]],
      [4, [1, 3]],
      [1, [3]],
      [3, []],
    ] as const) {
      places[index]?.leave();
      assert.deepEqual([...members], left);
      assert.equal(members.size, left.length);
      assert.equal(members.first?.item, left[0]);
      assert.equal(places[index]?.taken, false);
    }
    members.add(5);
    assert.deepEqual([...members], [5]);
  });

  it('gives those that were there at the beginning, but for any that left before their turn', () => {
    const members = new Members<number>();
    const places = [0, 1, 2].map((item) => members.add(item));
    const seen: number[] = [];
    for (const item of members) {
      seen.push(item);
      if (item === 0) {
        places[0]?.leave();
        places[1]?.leave();
        members.add(3);
      }
    }
    assert.deepEqual(seen, [0, 2]);
    assert.deepEqual([...members], [2, 3]);
  });

  it('does not link those that left to those that stay', () => {
    const members = new Members<number>();
    const [first, second] = [members.add(0), members.add(1)];
    first.leave();
    assert.equal(first.next, undefined);
    assert.equal(members.first, second);
  });
});

describe('streams/keyedMembers', () => {
  it('finds by key, replaces, and gives what left', () => {
    const members = new KeyedMembers<string, { readonly n: number }>();
    const [one, two] = [{ n: 1 }, { n: 2 }];
    members.set('a', one);
    members.set('b', two);
    members.set('a', two);
    assert.deepEqual([...members.values()], [two, two]);
    assert.equal(members.delete('a'), two);
    assert.equal(members.delete('a'), undefined);
    assert.equal(members.get('a'), undefined);
    assert.equal(members.get('b'), two);
    assert.equal(members.size, 1);
  });
});
