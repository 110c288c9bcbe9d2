import assert from 'node:assert/strict';
import { instancesWith, type Standard } from './instances.js';

/** So many answers, each after so many milliseconds. */
const answer = ({ standing }: Standard, ms: number, times = 20): void => {
  for (; times > 0; times--) {
    const ticket = standing.begin();
    standing.replied(ms);
    standing.succeeded(ticket);
  }
};
const open = (instances: readonly Standard[]) =>
  instances.filter(({ standing }) => standing.isOpen).map(({ id }) => id);

describe('streams/balancing/peers: outliers by latency', () => {
  let instances: readonly Standard[];
  const start = (...ids: string[]): readonly Standard[] => (instances = instancesWith(ids));
  afterEach(() => instances.forEach(({ standing }) => standing.end()));

  it('one that is far slower than the others is put last', () => {
    const [a, b, c] = start('a', 'b', 'c') as [Standard, Standard, Standard];
    answer(a, 100);
    answer(b, 120);
    answer(c, 700);
    assert.deepEqual(open(instances), ['c']);
  });

  it('not for a few answers, nor for being slower by less', () => {
    const [a, b, c] = start('a', 'b', 'c') as [Standard, Standard, Standard];
    answer(a, 100);
    answer(b, 100);
    answer(c, 5000, 19);
    assert.deepEqual(open(instances), []);
    start('a', 'b');
    answer(a, 100);
    answer(b, 450);
    assert.deepEqual(open(instances), []);
  });

  it('nor where all are slow, or fast enough for anybody', () => {
    const [a, b] = start('a', 'b') as [Standard, Standard];
    answer(a, 3000);
    answer(b, 4000);
    assert.deepEqual(open(instances), []);
    const [c, d] = start('c', 'd') as [Standard, Standard];
    answer(c, 2);
    answer(d, 200);
    assert.deepEqual(open(instances), []);
  });

  it('never more than half of them', () => {
    const [a, b, c] = start('a', 'b', 'c') as [Standard, Standard, Standard];
    answer(a, 100);
    answer(b, 2000);
    answer(c, 2000);
    assert.deepEqual(open(instances), ['b']);
  });
});
