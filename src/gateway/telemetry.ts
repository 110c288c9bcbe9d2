import type { Settings } from '../config/settings.js';
import { otlpTotals } from '../sinks/otlp/otlpTotals.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import type { Metrics } from './metrics.js';
import { sendingMetrics } from './sendingMetrics.js';
import { tracing, type LiveTracing } from './tracing.js';

/** What a gateway tells a collector. */
export interface Telemetry {
  /** Undefined where calls are not traced. */
  readonly traced: LiveTracing | undefined;
  /** Resolves when what waits is sent, or after a few seconds. */
  close(): Promise<void>;
}

/** Tells a collector what the settings want it to be told. */
export const telemetry = (
  settings: Latest<Settings>,
  { own, registry }: Metrics,
  options: { readonly log: Log; readonly version: string },
): Telemetry => {
  const told = { ...options, totals: otlpTotals(own) };
  const traced = tracing(settings, told);
  const metrics = sendingMetrics(settings, registry, told);
  return {
    traced,
    async close() {
      await Promise.all([traced?.close(), metrics?.close()]);
    },
  };
};
