import type { Registry } from 'prom-client';
import { exhaustMap, interval } from 'rxjs';
import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import { metricsReading, type MetricsReading } from '../sinks/otlp/metricsReading.js';
import { otlpExporter } from '../sinks/otlp/otlpExporter.js';
import { drain } from '../streams/drain.js';
import type { Latest } from '../streams/latest.js';
import { connectToCollector } from './connectToCollector.js';
import type { TracingOptions } from './tracing.js';

/** Metrics on their way to a collector. */
export interface SendingMetrics {
  /** Sends them once more; resolves when that is done, or after a few seconds. */
  close(): Promise<void>;
}

/** Sends the metrics of this process as often as the settings want it at the start; undefined where they do not. */
export const sendingMetrics = (
  settings: Latest<Settings>,
  registry: () => Registry,
  options: TracingOptions,
): SendingMetrics | undefined => {
  const { everyMs } = settings.current.telemetry.metrics;
  if (everyMs === undefined) return undefined;
  const exporter = otlpExporter<MetricsReading>({
    ...options,
    signal: 'metrics',
    settings: () => settings.current.telemetry.otlp,
    connect: connectToCollector,
    encoding: async () =>
      (await import('../sinks/otlp/metricEncoding.js')).metricEncoding(
        options.version,
        performance.timeOrigin,
      ),
  });
  const read = async (): Promise<void> => {
    try {
      exporter.push(await metricsReading(registry()));
    } catch (error) {
      // A metric of a program's own may fail; the next reading may not.
      options.log.error({ event: 'otlp_failed', signal: 'metrics', err: error }, 'Metrics could not be read');
    }
  };
  const reading = drain(interval(everyMs).pipe(exhaustMap(read)), () => undefined);
  return {
    async close() {
      reading.unsubscribe();
      await read();
      await exporter.close(limits.otlpCloseMs);
    },
  };
};
