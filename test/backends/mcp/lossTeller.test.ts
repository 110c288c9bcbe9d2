import assert from 'node:assert/strict';
import { lossTeller } from '../../../src/sources/backends/mcp/lossTeller.js';

describe('backends/mcp/lossTeller', () => {
  const { setTimeout: real } = globalThis;
  const { now } = Date;
  let clock = 0;
  let waits: number[] = [];
  let due: (() => void) | undefined;
  beforeEach(() => {
    clock = 1e6;
    waits = [];
    due = undefined;
    Date.now = () => clock;
    globalThis.setTimeout = ((run: () => void, ms: number) => {
      waits.push(ms);
      due = run;
      return real(() => undefined, 0);
    }) as typeof setTimeout;
  });
  afterEach(() => {
    Date.now = now;
    globalThis.setTimeout = real;
  });

  it('tells the first loss at once, those of short sessions after it with growing pauses, and together', () => {
    let told = 0;
    const losses = lossTeller(() => told++);
    losses.opened();
    losses.lost();
    assert.deepEqual({ told, waits }, { told: 1, waits: [] });
    for (let i = 0; i < 3; i++) {
      losses.opened();
      losses.lost();
      losses.lost();
      due?.();
    }
    assert.deepEqual({ told, waits }, { told: 4, waits: [250, 500, 1000] });
  });

  it('tells at once again after a session that lasted, and nothing after the end', () => {
    let told = 0;
    const losses = lossTeller(() => told++);
    losses.opened();
    losses.lost();
    losses.opened();
    clock += 30_000;
    losses.lost();
    assert.deepEqual({ told, waits }, { told: 2, waits: [] });
    losses.lost();
    assert.equal(told, 3, 'the session lasted as long as before');
    losses.stop();
    assert.deepEqual(waits, []);
  });
});
