import { catchError, defaultIfEmpty, defer, map, repeat, scan, take, timeout } from 'rxjs';
import { of, throwError, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { HealthCheckSettings } from '../../config/balancingSettings.js';
import { fromUnknown, refusal, type GatewayErrorCode } from '../../protocol/errors.js';
import { noReport, type HealthReport } from './healthReport.js';

export interface HealthPingsOptions extends Omit<HealthCheckSettings, 'kind' | 'path'> {
  readonly scheduler: SchedulerLike;
  /** From 0 to 1; spreads the pings of instances and gateways. */
  readonly random?: () => number;
}

/** What is no sign of life. Anything else is: a server that wants other credentials is alive. */
const dead: ReadonlySet<GatewayErrorCode> = new Set<GatewayErrorCode>([
  'ERR_UPSTREAM_UNREACHABLE',
  'ERR_UPSTREAM_FAILED',
  'ERR_UPSTREAM_TIMEOUT',
  'ERR_INTERNAL',
]);

/**
 * Pings one instance for ever, the first time at once, and says after each ping what is known of it.
 *
 * ```
 * probes       --o|    ----o|   --#    --#    --o|
 * healthPings  --h--------d-------d------u------u…      healthy, degraded (slow, then missed), unhealthy after two
 * ```
 *
 * The next ping begins an interval after the last one ended, a tenth more or less.
 *
 * @param probe any value, or its end, is a sign of life
 */
export const healthPings = (
  probe: () => Observable<unknown>,
  options: HealthPingsOptions,
): Observable<HealthReport> => {
  const { intervalMs, scheduler, random = Math.random } = options;
  return defer(() => ping(probe, options)).pipe(
    repeat({ delay: () => timer(intervalMs * (0.9 + 0.2 * random()), scheduler) }),
    scan((known: Known, latencyMs) => judge(known, latencyMs, options), unknown),
    map(({ report }) => report),
  );
};

/** How long one ping took, in milliseconds; undefined for one that was missed. Never errors. */
const ping = (
  probe: () => Observable<unknown>,
  { timeoutMs, scheduler }: HealthPingsOptions,
): Observable<number | undefined> => {
  const startedAt = scheduler.now();
  return defer(probe).pipe(
    take(1),
    timeout({ each: timeoutMs, scheduler, with: () => throwError(() => missed) }),
    catchError((error: unknown) => (dead.has(fromUnknown(error).code) ? of(missed) : of(undefined))),
    defaultIfEmpty(undefined),
    map((sign) => (sign === missed ? undefined : scheduler.now() - startedAt)),
  );
};

const missed = refusal('ERR_UPSTREAM_TIMEOUT', 'The backend did not answer a ping in time');

interface Known {
  readonly report: HealthReport;
  /** Pings answered in a row. */
  readonly answered: number;
}

const unknown: Known = { report: noReport, answered: 0 };

const judge = (
  { report, answered }: Known,
  latencyMs: number | undefined,
  { unhealthyAfter, healthyAfter, degradedMs }: HealthPingsOptions,
): Known => {
  if (latencyMs === undefined) {
    const failures = report.failures + 1;
    const status = report.status === 'unhealthy' || failures >= unhealthyAfter ? 'unhealthy' : 'degraded';
    return { report: { status, latencyMs: report.latencyMs, failures }, answered: 0 };
  }
  const inARow = answered + 1;
  const stays = report.status === 'unhealthy' && inARow < healthyAfter;
  const well = degradedMs !== undefined && latencyMs > degradedMs ? 'degraded' : 'healthy';
  return { report: { status: stays ? 'unhealthy' : well, latencyMs, failures: 0 }, answered: inARow };
};
