import assert from 'node:assert/strict';
import { onDemand } from '../../src/streams/onDemand.js';

describe('streams: onDemand', () => {
  it('is wanted while somebody listens, and says when that turns', () => {
    const turns: boolean[] = [];
    const values = onDemand<number>((isWanted) => turns.push(isWanted));
    const [first, second]: [number[], number[]] = [[], []];
    values.tell(0);
    assert.equal(values.isWanted, false);
    const one = values.values$.subscribe((value) => first.push(value));
    values.tell(1);
    const two = values.values$.subscribe((value) => second.push(value));
    values.tell(2);
    one.unsubscribe();
    assert.equal(values.isWanted, true);
    two.unsubscribe();
    values.tell(3);
    assert.deepEqual([first, second, turns, values.isWanted], [[1, 2], [2], [true, false], false]);
  });
});
