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
          heartbeat.remove(one);
          resolve();
        },
      };
      heartbeat.add(one);
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
});
