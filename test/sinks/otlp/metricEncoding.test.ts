import assert from 'node:assert/strict';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { toTelemetry } from '../../../src/config/toTelemetry.js';
import { metricEncoding } from '../../../src/sinks/otlp/metricEncoding.js';
import { metricsReading } from '../../../src/sinks/otlp/metricsReading.js';

interface Point {
  readonly attributes: readonly unknown[];
  readonly asDouble?: number;
  readonly bucketCounts?: readonly number[];
  readonly explicitBounds?: readonly number[];
  readonly count?: number;
  readonly sum?: number;
}
interface Written {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly Readonly<
        Record<
          'sum' | 'gauge' | 'histogram',
          { readonly dataPoints: readonly Point[]; readonly isMonotonic?: true }
        > & {
          name: string;
        }
      >[];
    }[];
  }[];
}

describe('sinks/otlp/metricEncoding', () => {
  it('writes counters, gauges and histograms as OpenTelemetry has them', async () => {
    const registers = [new Registry()];
    new Counter({ name: 'c_total', help: 'c', labelNames: ['a'], registers }).inc({ a: 'x' }, 3);
    new Gauge({ name: 'g', help: 'g', registers }).set(1.5);
    const histogram = new Histogram({ name: 'h', help: 'h', labelNames: ['a'], buckets: [1, 2], registers });
    for (const value of [0.5, 1.5, 1.7, 9]) histogram.observe({ a: 'x' }, value);
    histogram.observe({ a: 'y' }, 2);
    const { otlp } = toTelemetry({ otlp: { protocol: 'http/json' } }, {});
    const reading = await metricsReading(registers[0] as Registry);
    const written = JSON.parse(
      Buffer.from(metricEncoding('1', 0).encode([reading], otlp)).toString(),
    ) as Written;
    const [counter, gauge, histograms] = written.resourceMetrics[0]?.scopeMetrics[0]?.metrics ?? [];
    assert.deepEqual([counter?.name, counter?.sum.isMonotonic], ['c_total', true]);
    assert.equal(counter?.sum.dataPoints[0]?.asDouble, 3);
    assert.deepEqual(counter.sum.dataPoints[0].attributes, [{ key: 'a', value: { stringValue: 'x' } }]);
    assert.equal(gauge?.gauge.dataPoints[0]?.asDouble, 1.5);
    assert.deepEqual(
      histograms?.histogram.dataPoints.map(({ bucketCounts, explicitBounds, count, sum, attributes }) => ({
        bucketCounts,
        explicitBounds,
        count,
        sum,
        attributes: JSON.stringify(attributes),
      })),
      [
        { bucketCounts: [1, 2, 1], explicitBounds: [1, 2], count: 4, sum: 12.7, of: 'x' },
        { bucketCounts: [0, 1, 0], explicitBounds: [1, 2], count: 1, sum: 2, of: 'y' },
      ].map(({ of, ...rest }) => ({ ...rest, attributes: `[{"key":"a","value":{"stringValue":"${of}"}}]` })),
    );
  });
});
