import type { Registry } from 'prom-client';
import { metricsReading, type ReadValue } from '../otlp/metricsReading.js';

interface Sample extends ReadValue {
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string>>;
    readonly value: number;
    /** Epoch seconds. */
    readonly timestamp: number;
  } | null;
}

/** As a scraper is told. */
export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/**
 * Metrics in the format of OpenMetrics 1.0, with exemplars. prom-client can write it too, but renames the metrics as it does, for
 * whoever asks next in the older format.
 */
export const openMetrics = async (registry: Registry): Promise<string> => {
  const { metrics } = await metricsReading(registry);
  const lines = metrics.flatMap((metric) => {
    const { type } = metric;
    const name = type === 'counter' ? metric.name.replace(/_total$/, '') : metric.name;
    const values: readonly Sample[] = metric.values;
    return [
      `# HELP ${name} ${escaped(metric.help)}`,
      `# TYPE ${name} ${type}`,
      ...values.map(({ metricName, labels, value, exemplar }) => {
        const sample = type === 'counter' ? `${name}_total` : (metricName ?? name);
        const told = exemplar
          ? ` # ${labelText(exemplar.labelSet)} ${number(exemplar.value)} ${exemplar.timestamp}`
          : '';
        return `${sample}${Object.keys(labels).length === 0 ? '' : labelText(labels)} ${number(value)}${told}`;
      }),
    ];
  });
  return `${lines.join('\n')}\n# EOF\n`;
};

const labelText = (labels: Sample['labels']): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${escaped(String(value)).replaceAll('"', '\\"')}"`)
    .join(',')}}`;

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');

const number = (value: number): string =>
  Number.isFinite(value) ? String(value) : String(value).replace('Infinity', 'Inf');
