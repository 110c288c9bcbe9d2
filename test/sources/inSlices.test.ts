import assert from 'node:assert/strict';
import { Subject } from 'rxjs';
import type { Chunk, Head } from '../../src/sources/fromDispatch.js';
import { inSlices } from '../../src/sources/inSlices.js';
import { loopShare } from '../../src/sources/loopShare.js';
import { valve, type Valve } from '../../src/streams/valve.js';

const round = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const head: Head = { kind: 'head', status: 200, headers: {} };
const chunk = (data: string): Chunk => ({ kind: 'chunk', data: Buffer.from(data) });
const large = Array.from({ length: 4000 }, (_, n) => String(n % 10)).join('');

describe('sources/inSlices', () => {
  let answer: Subject<Head | Chunk>;
  let demand: Valve;
  let backend: Valve | undefined;
  let seen: string[];
  /** Each round of the event loop is time for one step. */
  const start = (wanted = true) => {
    answer = new Subject();
    demand = valve();
    seen = [];
    const open = (hold: Valve) => {
      backend = hold;
      return answer;
    };
    const sliced = inSlices(open, { wanted: () => wanted, demand, share: loopShare(0, () => 0) });
    return sliced.subscribe({
      next: (part) => seen.push(part.kind === 'head' ? 'head' : part.data.toString()),
      error: (error: Error) => seen.push(error.message),
      complete: () => seen.push('complete'),
    });
  };
  const lengths = () => seen.map(({ length }) => length);

  it('passes what is small at once, and what is not wanted in slices', () => {
    start();
    answer.next(head);
    answer.next(chunk('a'));
    answer.complete();
    assert.deepEqual(seen, ['head', 'a', 'complete']);
    start(false);
    answer.next(head);
    answer.next(chunk(large));
    assert.deepEqual(seen, ['head', large]);
  });

  it('gives a large piece slice by slice, one a round, and holds the backend back until all is given', async () => {
    start();
    answer.next(head);
    answer.next(chunk(large));
    answer.next(chunk('last'));
    assert.deepEqual(seen, ['head']);
    for (const expected of [1024, 1024, 1024, 928]) {
      assert.equal(backend?.open, false);
      await round();
      assert.equal(lengths().at(-1), expected);
    }
    await round();
    assert.equal(backend?.open, true);
    assert.equal(seen.slice(1).join(''), `${large}last`);
  });

  it('ends, well or badly, after what came before', async () => {
    for (const end of ['complete', 'broken']) {
      start();
      answer.next(head);
      answer.next(chunk(large));
      if (end === 'complete') answer.complete();
      else answer.error(new Error(end));
      while (seen.length < 6) await round();
      assert.deepEqual(seen.slice(1), [
        ...lengths()
          .slice(1, 5)
          .map((_, n) => large.slice(n * 1024, (n + 1) * 1024)),
        end,
      ]);
    }
  });

  it('gives nothing more while there is no demand, and goes on with it', async () => {
    start();
    answer.next(head);
    answer.next(chunk(large));
    await round();
    demand.pause();
    await round();
    await round();
    assert.deepEqual(lengths(), [4, 1024]);
    assert.ok(backend);
    demand.resume();
    assert.equal(backend.open, false);
    while (seen.length < 5) await round();
    assert.equal(backend.open, true);
    demand.pause();
    assert.equal(backend.open, false);
    demand.resume();
    assert.equal(backend.open, true);
  });

  it('gives nothing more to who has left', async () => {
    const subscription = start();
    answer.next(head);
    answer.next(chunk(large));
    await round();
    subscription.unsubscribe();
    await round();
    assert.deepEqual(lengths(), [4, 1024]);
    assert.equal(answer.observed, false);
  });
});

describe('sources/loopShare', () => {
  it('lets all have a turn before any has its second, and stops when its time is over', async () => {
    let time = 0;
    const share = loopShare(3, () => time);
    const order: string[] = [];
    const steps = (name: string, count: number) => () => {
      time++;
      order.push(name);
      return --count > 0;
    };
    share.run(steps('a', 3));
    share.run(steps('b', 2));
    assert.deepEqual(order, []);
    await round();
    assert.equal(order.join(''), 'aba');
    await round();
    assert.equal(order.join(''), 'ababa');
    share.run(steps('c', 1));
    await round();
    assert.equal(order.join(''), 'ababac');
  });
});
