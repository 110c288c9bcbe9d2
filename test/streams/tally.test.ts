import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Limit } from '../../src/streams/counters.js';
import { tallyAt } from '../../src/streams/tally.js';

const limits: fc.Arbitrary<Limit> = fc.record({
  kind: fc.constantFrom('bucket', 'quota', 'month', 'total'),
  max: fc.integer({ min: 1, max: 10_000 }),
  windowMs: fc.integer({ min: 1, max: 86_400_000 }),
});
const times = fc.integer({ min: 0, max: 2_000_000_000_000 });

describe('streams/tally', () => {
  it('only falls with time, never below nothing, and is nothing after a window', () => {
    fc.assert(
      fc.property(limits, fc.nat(20_000), times, times, (limit, used, at, later) => {
        const after = tallyAt({ used, at }, later, limit);
        assert.ok(after.used >= 0 && after.used <= used);
        assert.equal(after.at, Math.max(at, later));
        const window = limit.kind === 'month' ? 31 * 86_400_000 : limit.windowMs;
        if (used <= limit.max && later >= at + window) assert.equal(after.used, 0);
      }),
    );
  });

  it('is the same whether looked at in between or not', () => {
    fc.assert(
      fc.property(limits, fc.nat(1000), fc.tuple(times, times, times), (limit, used, three) => {
        // Who asks keeps a total alive.
        fc.pre(limit.kind !== 'total');
        const [at = 0, between = 0, end = 0] = [...three].sort((a, b) => a - b);
        const direct = tallyAt({ used, at }, end, limit);
        const twice = tallyAt(tallyAt({ used, at }, between, limit), end, limit);
        assert.ok(Math.abs(direct.used - twice.used) < 1e-6 * Math.max(1, used));
      }),
    );
  });

  it('keeps a total as long as somebody asks', () => {
    const limit: Limit = { kind: 'total', max: 10, windowMs: 100 };
    const asked = [50, 149, 248].reduce((tally, now) => tallyAt(tally, now, limit), { used: 7, at: 0 });
    assert.deepEqual(asked, { used: 7, at: 248 });
    assert.deepEqual(tallyAt(asked, 348, limit), { used: 0, at: 348 });
  });
});
