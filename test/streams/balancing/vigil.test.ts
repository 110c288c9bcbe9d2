import assert from 'node:assert/strict';
import { asyncScheduler } from 'rxjs';
import type { HealthCheckSettings } from '../../../src/config/balancingSettings.js';
import { vigil } from '../../../src/streams/balancing/vigil.js';
import { silent, type Log } from '../../../src/streams/log.js';
import { marbles } from '../../../src/testing/marbles.js';
import { refusal } from '../../../src/protocol/errors.js';
import { instanceOf } from '../../operators/scenarios.js';
import { instancesWith } from './instances.js';

const healthCheck: HealthCheckSettings = {
  kind: 'mcp',
  path: '/',
  intervalMs: 10,
  timeoutMs: 5,
  unhealthyAfter: 1,
  healthyAfter: 1,
  degradedMs: undefined,
};

describe('streams/balancing/vigil', () => {
  it('pings while it is subscribed, tells the standings, and logs what changes', () =>
    marbles(({ cold, expectObservable, expectSubscriptions, flush }) => {
      const lines: unknown[] = [];
      const write: Log['warn'] = ({ instance, health, breaker }) =>
        void lines.push(`${String(instance)} ${String(health)} ${String(breaker)}`);
      const [a, b] = instancesWith(['a', 'b'], { healthCheck }, asyncScheduler);
      assert.ok(a !== undefined && b !== undefined);
      const [well, broken] = [cold('--a'), cold('-#', {}, refusal('ERR_UPSTREAM_UNREACHABLE', 'no'))];
      const options = { server: 's', healthCheck, log: { ...silent, warn: write, info: write } };
      expectObservable(vigil({ ...a, probe: () => well }, options), '-----!').toBe('-');
      expectObservable(vigil({ ...b, probe: () => broken }, options), '-----!').toBe('-');
      expectSubscriptions(well.subscriptions).toBe('^-!');
      expectSubscriptions(broken.subscriptions).toBe('^!');
      flush();
      assert.equal(a.standing.view.health.status, 'healthy');
      assert.equal(b.standing.view.health.status, 'unhealthy');
      assert.deepEqual(lines, ['b unhealthy closed', 'a healthy closed']);
    }));

  it('does nothing where there is nothing to watch', () =>
    marbles(({ expectObservable }) => {
      expectObservable(vigil(instanceOf('a'), { server: 's', healthCheck, log: silent })).toBe('|');
    }));
});
