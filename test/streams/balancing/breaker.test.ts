import assert from 'node:assert/strict';
import { VirtualTimeScheduler } from 'rxjs';
import type { BreakerSettings } from '../../../src/config/balancingSettings.js';
import { Breaker } from '../../../src/streams/balancing/breaker.js';

const settings: BreakerSettings = {
  failures: 3,
  failureRate: 0.5,
  minCalls: 10,
  windowMs: 1000,
  cooldownMs: 100,
  maxCooldownMs: 350,
  slowFactor: undefined,
};

/** A breaker with a clock that is moved by hand, and what it has been. */
const setUp = (parts: Partial<BreakerSettings> = {}, random = () => 1) => {
  const scheduler = new VirtualTimeScheduler();
  const breaker = new Breaker({ ...settings, ...parts }, { scheduler, random });
  const states: string[] = [];
  breaker.state$.subscribe((state) => states.push(`${scheduler.now()} ${state}`));
  const at = (ms: number): void => {
    scheduler.schedule(() => undefined, ms - scheduler.now());
    scheduler.maxFrames = ms;
    scheduler.flush();
  };
  const fail = (times = 1): void => {
    for (; times > 0; times--) breaker.failed(breaker.begin());
  };
  const succeed = (times = 1): void => {
    for (; times > 0; times--) breaker.succeeded(breaker.begin());
  };
  return { breaker, states, at, fail, succeed };
};

describe('streams/balancing/breaker', () => {
  it('opens after failures in a row, which a success ends', () => {
    const { breaker, fail, succeed } = setUp();
    fail(2);
    succeed();
    fail(2);
    assert.equal(breaker.state, 'closed');
    assert.ok(breaker.admits(false));
    fail();
    assert.equal(breaker.state, 'open');
    assert.ok(!breaker.admits(true));
  });

  it('opens by the share of failures within the window, once there are enough calls', () => {
    const { breaker, fail, succeed } = setUp({ failures: 100 });
    for (let n = 0; n < 4; n++) {
      succeed();
      fail();
    }
    assert.equal(breaker.state, 'closed');
    succeed();
    fail();
    assert.equal(breaker.state, 'open');
  });

  it('forgets what has left the window', () => {
    const { breaker, fail, succeed, at } = setUp({ failures: 100 });
    fail(9);
    at(1100);
    succeed(9);
    fail();
    assert.equal(breaker.state, 'closed');
  });

  it('after the cooldown lets one repeatable call find out; its success closes', () => {
    const { breaker, states, fail, at } = setUp();
    fail(3);
    at(99);
    assert.equal(breaker.state, 'open');
    at(100);
    assert.equal(breaker.state, 'half-open');
    assert.ok(breaker.admits(true));
    assert.ok(!breaker.admits(false), 'a call that can not go elsewhere is no trial');
    const trial = breaker.begin();
    assert.ok(!breaker.admits(true), 'one at a time');
    breaker.succeeded(trial);
    assert.ok(breaker.admits(false));
    assert.deepEqual(states, ['0 closed', '0 open', '100 half-open', '100 closed']);
  });

  it('lets other calls find out when no repeatable one has come for another cooldown', () => {
    const { breaker, fail, at } = setUp();
    fail(3);
    at(199);
    assert.ok(!breaker.admits(false));
    at(200);
    assert.ok(breaker.admits(false));
  });

  it('a trial that is abandoned makes room for the next', () => {
    const { breaker, fail, at } = setUp();
    fail(3);
    at(100);
    breaker.abandoned(breaker.begin());
    assert.equal(breaker.state, 'half-open');
    assert.ok(breaker.admits(true));
  });

  it('doubles the cooldown with each trial that fails, up to its bound; closing begins anew', () => {
    const { states, fail, succeed, at } = setUp();
    fail(3);
    at(100);
    fail();
    at(300);
    fail();
    at(650);
    succeed();
    fail(3);
    at(750);
    assert.deepEqual(states, [
      '0 closed',
      '0 open',
      '100 half-open',
      '100 open',
      '300 half-open',
      '300 open',
      '650 half-open',
      '650 closed',
      '650 open',
      '750 half-open',
    ]);
  });

  it('ends cooldowns up to a fifth early', () => {
    const { breaker, fail, at } = setUp({}, () => 0);
    fail(3);
    at(79);
    assert.equal(breaker.state, 'open');
    at(80);
    assert.equal(breaker.state, 'half-open');
  });

  it('does not count calls that began before its last change', () => {
    const { breaker, fail, at } = setUp();
    const [late, later] = [breaker.begin(), breaker.begin()];
    fail(3);
    breaker.succeeded(late);
    assert.equal(breaker.state, 'open');
    at(100);
    breaker.failed(later);
    assert.equal(breaker.state, 'half-open');
    assert.equal(breaker.failedAt, 100, 'but knows when it failed last');
  });

  it('closes when a call succeeds that was tried although it is open', () => {
    const { breaker, fail, succeed } = setUp();
    fail(3);
    succeed();
    assert.equal(breaker.state, 'closed');
  });

  it('stops its clock', () => {
    const { states, breaker, fail, at } = setUp();
    fail(3);
    breaker.end();
    at(1000);
    assert.deepEqual(states, ['0 closed', '0 open']);
  });
});
