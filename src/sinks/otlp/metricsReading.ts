import type { Registry } from 'prom-client';

/** One value of a metric. */
export interface ReadValue {
  readonly value: number;
  /** Of histograms: which of its series. */
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
}

/** A metric as a registry gives it. */
export interface ReadMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary';
  readonly values: readonly ReadValue[];
}

/** All metrics of a process at one time. */
export interface MetricsReading {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly metrics: readonly ReadMetric[];
}

/** Reads all that is registered. */
export const metricsReading = async (registry: Registry): Promise<MetricsReading> => ({
  at: Date.now(),
  // prom-client's own type lacks the values.
  metrics: (await registry.getMetricsAsJSON()) as unknown as readonly ReadMetric[],
});
