import type {
  BalancingSettings,
  BreakerSettings,
  HealthCheckSettings,
  HedgeSettings,
} from './balancingSettings.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { RawMcpServer, RawRestServer } from './schema/servers.js';

/** An address of a server, with its weight where one is written. */
export interface WeightedUrl {
  readonly url: string;
  readonly weight?: number;
}

type Raw = RawMcpServer | RawRestServer;

/**
 * How a server's instances are used together; undefined for one with a single instance of which nothing is said: it costs nothing then.
 */
export const toBalancing = (raw: Raw, addresses: readonly WeightedUrl[]): BalancingSettings | undefined => {
  const { circuit_breaker, health_check, retry, retry_budget, hedge } = raw;
  const several = addresses.length > 1 || raw.dns !== undefined;
  const said = [circuit_breaker, health_check, retry, retry_budget, hedge].some((part) => part !== undefined);
  if (!several && !said) return undefined;
  return {
    weights: addresses.some(({ weight }) => weight !== undefined)
      ? addresses.map(({ weight = 1 }) => weight)
      : [],
    stickyBy: raw.sticky_by ?? 'session',
    breaker: several || circuit_breaker !== undefined ? toBreaker(circuit_breaker ?? {}) : undefined,
    healthCheck:
      several || health_check !== undefined ? toHealthCheck(health_check ?? {}, raw.type) : undefined,
    ...(hedge !== undefined && hedge.enabled !== false && { hedge: toHedge(hedge) }),
    retry: {
      attempts: retry?.attempts,
      attemptTimeoutMs:
        retry?.attempt_timeout === undefined ? undefined : milliseconds(retry.attempt_timeout),
      unsafe: retry?.unsafe ?? false,
      budget: {
        share: retry_budget?.share ?? limits.retryShare,
        perSecond: retry_budget?.per_second ?? limits.retriesPerSecond,
      },
    },
  };
};

const toBreaker = (raw: NonNullable<Raw['circuit_breaker']>): BreakerSettings | undefined => {
  if (raw.enabled === false) return undefined;
  const cooldownMs = durationOr(raw.cooldown, limits.breakerCooldownMs);
  const slowFactor = raw.slow_factor ?? limits.slowFactor;
  return {
    failures: raw.failures ?? limits.breakerFailures,
    failureRate: raw.failure_rate ?? limits.breakerFailureRate,
    minCalls: raw.min_calls ?? limits.breakerMinCalls,
    windowMs: durationOr(raw.window, limits.breakerWindowMs),
    cooldownMs,
    maxCooldownMs: Math.max(cooldownMs, durationOr(raw.max_cooldown, limits.breakerMaxCooldownMs)),
    slowFactor: slowFactor === 0 ? undefined : slowFactor,
  };
};

const toHedge = (raw: NonNullable<Raw['hedge']>): HedgeSettings => ({
  afterMs: raw.after === undefined ? undefined : milliseconds(raw.after),
  percentile: raw.percentile ?? limits.hedgePercentile,
  minSamples: raw.min_calls ?? limits.hedgeMinCalls,
});

const toHealthCheck = (
  raw: NonNullable<Raw['health_check']>,
  type: Raw['type'],
): HealthCheckSettings | undefined => {
  if (raw.enabled === false) return undefined;
  const forRest = raw.path === undefined ? 'tcp' : 'http';
  return {
    kind: raw.type ?? (type === 'rest' ? forRest : 'mcp'),
    path: raw.path ?? '/',
    intervalMs: durationOr(raw.interval, limits.pingIntervalMs),
    timeoutMs: durationOr(raw.timeout, limits.pingTimeoutMs),
    unhealthyAfter: raw.unhealthy_after ?? limits.unhealthyAfter,
    healthyAfter: raw.healthy_after ?? limits.healthyAfter,
    degradedMs: raw.degraded_above === undefined ? undefined : milliseconds(raw.degraded_above),
  };
};

const durationOr = (duration: string | number | undefined, byDefault: number): number =>
  duration === undefined ? byDefault : milliseconds(duration);
