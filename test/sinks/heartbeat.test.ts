import assert from 'node:assert/strict';
import { Heartbeat } from '../../src/sinks/heartbeat.js';

describe('sinks/heartbeat', () => {
  it('ticks all it has with one clock, and none after', async () => {
    const heartbeat = new Heartbeat(2);
    const ticks: string[] = [];
    const two = { tick: () => void ticks.push('two') };
    await new Promise<void>((resolve) => {
      const one = {
        tick: () => {
          ticks.push('one');
          // Leaving in the middle of a tick is what a stream that is cut off does.
          place.leave();
          resolve();
        },
      };
      const place = heartbeat.add(one);
      heartbeat.add(two);
    });
    assert.deepEqual(ticks, ['one', 'two']);
    assert.equal(heartbeat.size, 1);
    heartbeat.close();
    const later = new Heartbeat(2);
    let beats = 0;
    await new Promise<void>((resolve) => later.add({ tick: () => ++beats === 3 && resolve() }));
    later.close();
    assert.equal(ticks.length, 2);
  });

  it('has a sign sent before the silence is longer than it may be, rather than after', () => {
    const heartbeat = new Heartbeat(100);
    heartbeat.close();
    const due = [799, 800, 801, 901].filter((now) => heartbeat.isDue(now, 0, 900));
    assert.deepEqual(due, [801, 901]);
    assert.ok(!heartbeat.isDue(1799, 1000, 900));
  });
});
