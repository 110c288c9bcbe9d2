import assert from 'node:assert/strict';
import { ExportQueue } from '../../../src/sinks/otlp/exportQueue.js';
import { within } from '../../support/within.js';

/** A queue whose batches are sent when the test says so. */
const queueOf = (max: number, batch: number) => {
  const sent: (readonly number[])[] = [];
  const pending: (() => void)[] = [];
  let dropped = 0;
  const queue = new ExportQueue<number>({
    max,
    batch,
    everyMs: 1,
    send: (items, closing) =>
      new Promise((resolve) => {
        sent.push(items);
        pending.push(resolve);
        closing.addEventListener('abort', () => resolve());
      }),
    onDropped: (count) => (dropped += count),
  });
  return { queue, sent, next: () => pending.shift()?.(), dropped: () => dropped };
};

describe('sinks/otlp/exportQueue', () => {
  it('sends full batches at once, one after the other', async () => {
    const { queue, sent, next } = queueOf(10, 2);
    queue.push(1, 2, 3, 4);
    assert.deepEqual(sent, [[1, 2]]);
    const closed = queue.close(60_000);
    next();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(sent, [
      [1, 2],
      [3, 4],
    ]);
    next();
    await within(5000, 'the end', closed);
  });

  it('what finds no room is dropped, and counted', async () => {
    const { queue, sent, dropped } = queueOf(3, 2);
    queue.push(1, 2);
    queue.push(3, 4, 5, 6);
    assert.equal(dropped(), 1);
    await within(5000, 'the end', queue.close(0));
    assert.deepEqual(sent, [[1, 2]]);
    assert.equal(dropped(), 4, 'what was left when there was no time');
    queue.push(7);
    assert.equal(dropped(), 5, 'and what came too late');
  });

  it('ends at once where nothing waits', async () => {
    await within(5000, 'the end', queueOf(1, 1).queue.close(60_000));
  });
});
