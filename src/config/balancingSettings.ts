/** How the instances of a server are used together, as the program sees it; see settings.ts. */

/** How calls are spread over the instances of a server. */
export type StrategyName = 'failover' | 'round-robin' | 'weighted' | 'least-outstanding' | 'sticky';

/** When an instance is tried last for a while. */
export interface BreakerSettings {
  /** So many failures in a row. */
  readonly failures: number;
  /** So large a share of failures (0 to 1) of at least `minCalls` within `windowMs`. */
  readonly failureRate: number;
  readonly minCalls: number;
  readonly windowMs: number;
  /** The first cooldown; doubled with each trial that fails, up to `maxCooldownMs`. */
  readonly cooldownMs: number;
  readonly maxCooldownMs: number;
  /** How many times the usual latency of the others is too slow; undefined for no limit. */
  readonly slowFactor: number | undefined;
}

/** How instances are pinged. */
export interface HealthCheckSettings {
  readonly kind: 'mcp' | 'http' | 'tcp';
  /** What is asked for by `http`, from the root of the host. */
  readonly path: string;
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** So many missed in a row make an instance unhealthy. */
  readonly unhealthyAfter: number;
  /** So many answered in a row make an unhealthy one healthy. */
  readonly healthyAfter: number;
  /** A ping that takes longer shows a degraded instance; undefined for no limit. */
  readonly degradedMs: number | undefined;
}

/** How much of a server's traffic may be repetitions. */
export interface RetryBudgetSettings {
  /** Share of the calls, 0 to 1. */
  readonly share: number;
  /** And so many a second besides. */
  readonly perSecond: number;
}

export interface RetrySettings {
  /** Most attempts at one call; undefined for one on each instance, two at least. */
  readonly attempts: number | undefined;
  /** Longest silence of one attempt at a call that may be repeated, in milliseconds; undefined for that of the call. */
  readonly attemptTimeoutMs: number | undefined;
  /** Whether calls are repeated that do not say that they may be. */
  readonly unsafe: boolean;
  readonly budget: RetryBudgetSettings;
}

/** When a second attempt at a harmless call is made besides the first. */
export interface HedgeSettings {
  /** After so many milliseconds; undefined for what is measured. */
  readonly afterMs: number | undefined;
  /** After the time within which so large a share (0 to 1) of the last calls of the tool had an answer. */
  readonly percentile: number;
  /** So many calls have to have been measured. */
  readonly minSamples: number;
}

/** How a server's several instances are used together. */
export interface BalancingSettings {
  /** One for each address; none for all alike. */
  readonly weights: readonly number[];
  /** So many of the addresses, at the end, are tried only when the others fail; undefined for none. */
  readonly standby?: number;
  /** By what `sticky` knows its callers. */
  readonly stickyBy: 'session' | 'client';
  /** Undefined for no circuit breakers. */
  readonly breaker: BreakerSettings | undefined;
  /** Undefined for no pings. */
  readonly healthCheck: HealthCheckSettings | undefined;
  readonly retry: RetrySettings;
  /** Undefined for no second attempts besides the first. */
  readonly hedge?: HedgeSettings;
}
