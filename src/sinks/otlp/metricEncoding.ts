import { ValueType } from '@opentelemetry/api';
import { JsonMetricsSerializer, ProtobufMetricsSerializer } from '@opentelemetry/otlp-transformer';
import { AggregationTemporality, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics';
import type { MetricsReading, ReadMetric, ReadValue } from './metricsReading.js';
import type { OtlpEncoding } from './otlpEncoding.js';
import { resourceOf } from './resourceOf.js';
import { timeOf } from './timeOf.js';

/**
 * How metrics are written: by OpenTelemetry's own serializers, under the names that `/metrics` has. Loaded when the first are to be sent.
 *
 * @param startedAt since when it is counted, in epoch milliseconds
 */
export const metricEncoding = (version: string, startedAt: number): OtlpEncoding<MetricsReading> => ({
  encode(readings, settings) {
    const serializer = settings.encoding === 'json' ? JsonMetricsSerializer : ProtobufMetricsSerializer;
    // What is counted is so from the start on: the newest reading says all that the others do.
    const { at, metrics } = readings.at(-1) ?? { at: startedAt, metrics: [] };
    const times = { startTime: timeOf(startedAt), endTime: timeOf(at) };
    const written = serializer.serializeRequest({
      resource: resourceOf(settings, version),
      scopeMetrics: [
        { scope: { name: 'sluice', version }, metrics: metrics.flatMap((metric) => exported(metric, times)) },
      ],
    });
    if (written === undefined) throw new Error('Nothing was written');
    return written;
  },
  // Of a reading that is not taken as a whole the next one says what was lost.
  rejected: () => 0,
});

type Times = Pick<MetricData['dataPoints'][number], 'startTime' | 'endTime'>;

const exported = ({ name, help, type, values }: ReadMetric, times: Times): MetricData[] => {
  const common = {
    descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  const dataPoints = values.map(({ labels, value }) => ({ ...times, attributes: { ...labels }, value }));
  switch (type) {
    case 'counter':
      return [{ ...common, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints }];
    case 'gauge':
      return [{ ...common, dataPointType: DataPointType.GAUGE, dataPoints }];
    case 'histogram':
      return [
        {
          ...common,
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints: [...byLabels(values)].map((series) => ({ ...times, ...histogramOf(series) })),
        },
      ];
    case 'summary':
      return []; // There are none.
  }
};

/** The values of one histogram, by what they are labelled with besides their bucket. */
const byLabels = (values: readonly ReadValue[]): Iterable<readonly ReadValue[]> => {
  const series = new Map<string, ReadValue[]>();
  for (const value of values) {
    const { le: _le, ...labels } = value.labels;
    const key = JSON.stringify(Object.entries(labels).sort());
    const known = series.get(key);
    if (known === undefined) series.set(key, [value]);
    else known.push(value);
  }
  return series.values();
};

/** Buckets of Prometheus count what is below them too; those of OpenTelemetry do not. */
const histogramOf = (series: readonly ReadValue[]) => {
  const buckets = series.filter(({ labels }) => labels['le'] !== undefined);
  const of = (end: string): number => series.find(({ metricName }) => metricName?.endsWith(end))?.value ?? 0;
  const { le: _le, ...attributes } = series[0]?.labels ?? {};
  const finite = buckets.filter(({ labels }) => labels['le'] !== '+Inf');
  const below = [...finite.map(({ value }) => value), of('_count')];
  return {
    attributes,
    value: {
      buckets: {
        boundaries: finite.map(({ labels }) => Number(labels['le'])),
        counts: below.map((count, index) => count - (below[index - 1] ?? 0)),
      },
      sum: of('_sum'),
      count: of('_count'),
    },
  };
};
