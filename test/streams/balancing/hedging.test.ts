import assert from 'node:assert/strict';
import fc from 'fast-check';
import { asyncScheduler } from 'rxjs';
import { Hedging } from '../../../src/streams/balancing/hedging.js';
import { Latencies } from '../../../src/streams/balancing/latencies.js';
import { targetOf, tool } from '../../operators/scenarios.js';

const settings = { afterMs: undefined, percentile: 0.95, minSamples: 20 };
const safe = targetOf({ repeatable: true });

describe('streams/balancing/latencies', () => {
  it('says nothing before it knows enough', () => {
    const latencies = new Latencies(0.95, 3);
    latencies.add(1);
    latencies.add(2);
    assert.equal(latencies.usual, undefined);
    latencies.add(3);
    assert.equal(latencies.usual, 3);
  });

  it('gives the time within which so large a share of the last 200 came', () => {
    const latencies = new Latencies(0.95, 20);
    for (let ms = 1; ms <= 100; ms++) latencies.add(ms);
    assert.equal(latencies.usual, 96);
    for (let index = 0; index < 200; index++) latencies.add(7);
    assert.equal(latencies.usual, 7);
  });

  it('is one of its samples, and no more than a share of them is above it', () =>
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 60_000, noNaN: true }), { minLength: 20, maxLength: 500 }),
        (samples) => {
          const latencies = new Latencies(0.9, 1);
          // As many as are counted before it is found anew.
          const whole = samples.slice(0, samples.length - (samples.length % 20));
          for (const ms of whole) latencies.add(ms);
          const kept = whole.slice(-200);
          const { usual = -1 } = latencies;
          assert.ok(kept.includes(usual));
          assert.ok(kept.filter((ms) => ms > usual).length <= 0.1 * kept.length);
        },
      ),
    ));
});

describe('streams/balancing/hedging', () => {
  const measured = (ms: number, target = safe): Hedging => {
    const hedging = new Hedging(settings, asyncScheduler);
    for (let index = 0; index < 20; index++) hedging.took(target, ms);
    return hedging;
  };

  it('waits for as long as calls of the tool usually take, rounded up a little', () => {
    for (const ms of [0, 0.3, 1, 7, 80, 1234]) {
      const wait = measured(ms).watchFor(safe)?.ms ?? 0;
      assert.ok(wait >= ms && wait <= Math.max(ms * 1.13, 1) + 1, `${wait} for ${ms}`);
    }
  });

  it('knows nothing of a tool by another one', () => {
    const other = targetOf({ repeatable: true }, tool('other'));
    assert.equal(measured(80).watchFor(other), undefined);
  });

  it('waits as configured, measured or not', () => {
    const hedging = new Hedging({ ...settings, afterMs: 200 }, asyncScheduler);
    assert.equal(hedging.watchFor(safe)?.ms, 200);
  });

  it('is not for calls that may do work twice, nor for those that may become a task', () => {
    const hedging = new Hedging({ ...settings, afterMs: 200 }, asyncScheduler);
    assert.equal(hedging.watchFor(targetOf({ repeatable: false })), undefined);
    assert.equal(hedging.watchFor(targetOf({ repeatable: true, tasks: 'take' })), undefined);
    assert.equal(hedging.watchFor(targetOf({ repeatable: true, tasks: 'await' })), undefined);
  });

  it('watches a bounded number of waits, and measures a bounded number of tools', () => {
    const waits = new Set(
      Array.from({ length: 2000 }, (_item, index) => measured(index + 1).watchFor(safe)?.ms),
    );
    assert.ok(waits.size <= 70, String(waits.size));
    const hedging = new Hedging(settings, asyncScheduler);
    const targets = Array.from({ length: 1001 }, (_item, index) =>
      targetOf({ repeatable: true }, tool(`tool${index}`)),
    );
    for (const target of targets) for (let index = 0; index < 20; index++) hedging.took(target, 5);
    assert.ok(hedging.watchFor(targets[999] ?? safe) !== undefined);
    assert.equal(hedging.watchFor(targets[1000] ?? safe), undefined);
  });
});
