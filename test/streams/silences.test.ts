import assert from 'node:assert/strict';
import { VirtualTimeScheduler, type SchedulerAction } from 'rxjs';
import { Silences, type Watched } from '../../src/streams/silences.js';

/** A virtual clock that counts the timers that are set. */
const counting = () => {
  const clock = new VirtualTimeScheduler();
  let timers = 0;
  const schedule = clock.schedule.bind(clock);
  clock.schedule = <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T) => {
    timers++;
    return schedule(work, delay, state as T);
  };
  return {
    clock,
    timers: () => timers,
    passTo: (ms: number) => {
      clock.maxFrames = ms;
      clock.flush();
      clock.frame = ms;
    },
  };
};

describe('streams/silences', () => {
  it('watches thousands with one timer, and finds each late at its own time', () => {
    const { clock, timers, passTo } = counting();
    const silences = new Silences(100, clock);
    const late: (readonly [number, number])[] = [];
    const watched = [...Array(5000).keys()].map((index): Watched => ({
      dueAt: 0,
      late: () => late.push([index, clock.now()]),
    }));
    for (const one of watched) silences.touch(one);
    assert.equal(timers(), 1);
    passTo(50);
    // Every other one speaks, every tenth is over.
    for (const [index, one] of watched.entries()) {
      if (index % 10 === 0) silences.end(one);
      else if (index % 2 === 0) silences.touch(one);
    }
    passTo(100);
    assert.deepEqual([late.length, timers()], [2500, 2]);
    assert.ok(late.every(([index, at]) => index % 2 === 1 && at === 100));
    passTo(150);
    assert.equal(late.length, 4500);
    assert.ok(late.slice(2500).every(([index, at]) => index % 10 !== 0 && at === 150));
    passTo(10_000);
    assert.deepEqual([late.length, timers()], [4500, 2]);
  });

  it('never sets a second timer, also when one that is late begins anew at once', () => {
    const { clock, timers, passTo } = counting();
    const silences = new Silences(10, clock);
    let count = 0;
    const stubborn: Watched = {
      dueAt: 0,
      late() {
        if (++count < 50) silences.touch(stubborn);
      },
    };
    silences.touch(stubborn);
    passTo(1000);
    assert.deepEqual([count, timers()], [50, 50]);
  });
});
