import assert from 'node:assert/strict';
import { VirtualTimeScheduler } from 'rxjs';
import { roomGate } from '../../src/streams/roomGate.js';

describe('streams: roomGate', () => {
  const set = () => {
    const scheduler = new VirtualTimeScheduler();
    const state = { fill: 0 };
    const gate = roomGate({
      fill: () => state.fill,
      waitMs: 1000,
      refusal: () => new Error('full'),
      scheduler,
    });
    const pass = (ms: number): void => {
      scheduler.maxFrames = scheduler.frame + ms;
      scheduler.flush();
      scheduler.frame = scheduler.maxFrames;
    };
    const wait = () => {
      const ends: string[] = [];
      gate()?.subscribe({
        error: ({ message }: Error) => ends.push(message),
        complete: () => ends.push('room'),
      });
      return ends;
    };
    return { gate, state, pass, wait };
  };

  it('is open while there is room', () => {
    const { gate, state } = set();
    state.fill = 0.7;
    assert.equal(gate(), undefined);
  });

  it('closes before everything is full, and opens when much of it is empty again', () => {
    const { gate, state, pass, wait } = set();
    state.fill = 0.8;
    const [one, other] = [wait(), wait()];
    state.fill = 0.6;
    pass(100);
    assert.deepEqual([one, other], [[], []]);
    assert.ok(gate() !== undefined);
    state.fill = 0.4;
    pass(100);
    assert.deepEqual([one, other], [['room'], ['room']]);
    assert.equal(gate(), undefined);
  });

  it('refuses who has waited in vain', () => {
    const { state, pass, wait } = set();
    state.fill = 1;
    const ends = wait();
    pass(999);
    assert.deepEqual(ends, []);
    pass(2);
    assert.deepEqual(ends, ['full']);
  });
});
