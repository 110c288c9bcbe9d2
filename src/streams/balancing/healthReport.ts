/** What the pings of one instance show. */
export interface HealthReport {
  /** `unknown` before the first, or where none is sent. `degraded`: slow, or some pings in a row were missed, but not yet too many. */
  readonly status: 'unknown' | 'healthy' | 'degraded' | 'unhealthy';
  /** How long the last answered ping took, in milliseconds. */
  readonly latencyMs: number | undefined;
  /** Pings missed in a row. */
  readonly failures: number;
}

export const noReport: HealthReport = Object.freeze({ status: 'unknown', latencyMs: undefined, failures: 0 });
