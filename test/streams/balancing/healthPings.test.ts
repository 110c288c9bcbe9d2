import type { Observable } from 'rxjs';
import type { RunHelpers } from 'rxjs/testing';
import { asyncScheduler } from 'rxjs';
import { refusal } from '../../../src/protocol/errors.js';
import { healthPings, type HealthPingsOptions } from '../../../src/streams/balancing/healthPings.js';
import { marbles } from '../../../src/testing/marbles.js';

const options: HealthPingsOptions = {
  intervalMs: 5,
  timeoutMs: 4,
  unhealthyAfter: 2,
  healthyAfter: 2,
  degradedMs: 2,
  scheduler: asyncScheduler,
  random: () => 0.5,
};
/** Pings answered one after the other as drawn; the last drawing goes on. */
const pinging = ({ cold }: RunHelpers, drawings: readonly string[], error?: unknown): Observable<unknown> => {
  let count = 0;
  return healthPings(() => cold(drawings[Math.min(count++, drawings.length - 1)] ?? '', {}, error), options);
};
const report = (status: string, latencyMs: number | undefined, failures = 0) => ({
  status,
  latencyMs,
  failures,
});

describe('streams/balancing/healthPings', () => {
  it('pings at once and again an interval after each answer', () =>
    marbles((run) => {
      const pings = pinging(run, ['-a', '-a']);
      run
        .expectObservable(pings, '---------------!')
        .toBe('               -h-----h-----h', { h: report('healthy', 1) });
    }));

  it('a slow answer degrades, a missed ping does, and so many in a row make it unhealthy', () =>
    marbles((run) => {
      const pings = pinging(run, ['---a', '-#', '----------a'], refusal('ERR_UPSTREAM_UNREACHABLE', 'no'));
      const values = {
        s: report('degraded', 3),
        m: report('degraded', 3, 1),
        u: report('unhealthy', 3, 2),
      };
      run.expectObservable(pings, '------------------------!').toBe('---s-----m--------u', values);
    }));

  it('an unhealthy one has to answer so many times in a row', () =>
    marbles((run) => {
      const pings = pinging(run, ['#', '#', 'a', '#', 'a', 'a'], refusal('ERR_UPSTREAM_FAILED', 'no'));
      const values = {
        m: report('degraded', undefined, 1),
        u: report('unhealthy', undefined, 2),
        a: report('unhealthy', 0),
        f: report('unhealthy', 0, 1),
        h: report('healthy', 0),
      };
      run.expectObservable(pings, '--------------------------!').toBe('m----u----a----f----a----h', values);
    }));

  it('whatever shows that somebody is there is a sign of life', () =>
    marbles((run) => {
      const h = { h: report('healthy', 0) };
      run.expectObservable(pinging(run, ['|']), '--!').toBe('h', h);
      const unauthorized = refusal('ERR_UPSTREAM_UNAUTHORIZED', 'no');
      run.expectObservable(pinging(run, ['#'], unauthorized), '--!').toBe('h', h);
    }));

  it('unsubscribes the ping under way, and one that takes too long', () =>
    marbles((run) => {
      const hung = run.cold('--------------a');
      const pings = healthPings(() => hung, options);
      run.expectObservable(pings, '-----------!').toBe('----m', { m: report('degraded', undefined, 1) });
      run.expectSubscriptions(hung.subscriptions).toBe(['^---!', '---------^-!']);
    }));
});
