import { Gauge, Registry, type Aggregator } from 'prom-client';
import { crowdMetrics } from '../sinks/metrics/crowdMetrics.js';
import { integrityMetrics } from '../sinks/metrics/integrityMetrics.js';
import { policyMetrics } from '../sinks/metrics/policyMetrics.js';
import { serverMetrics } from '../sinks/metrics/serverMetrics.js';
import { stageMetrics } from '../sinks/metrics/stageMetrics.js';
import type { ToolMetricsOptions } from '../sinks/metrics/toolMetrics.js';
import { toMetrics } from '../sinks/metrics/toMetrics.js';
import type { Exchange } from '../streams/exchange.js';
import { discoveryMetrics } from './discoveryMetrics.js';
import type { HealthSources } from './health.js';
import { processMetrics } from './processMetrics.js';

/** What a gateway counts and measures. */
export interface Metrics {
  /** Told of every exchange that has ended. */
  readonly ended: (exchange: Exchange) => void;
  /** Where parts of the gateway register what they count themselves. */
  readonly own: Registry;
  /** Everything of this gateway, and with the first reading of it everything of this process. */
  registry(): Registry;
}

/** Makes the metrics of one gateway. What is not counted is read from its feeds when somebody asks. */
export const metrics = (sources: HealthSources, options: ToolMetricsOptions): Metrics => {
  const own = new Registry();
  const counted = toMetrics(own, options);
  const passed = stageMetrics(own, sources.calls);
  const ended = (exchange: Exchange): void => {
    counted(exchange);
    passed(exchange);
  };
  serverMetrics(own, sources.catalog);
  integrityMetrics(own, sources.catalog);
  crowdMetrics(own, sources.catalog, sources.bulkheads);
  if (sources.policies !== undefined) policyMetrics(own, sources.policies);
  gatewayMetrics(own, sources);
  let all: Registry | undefined;
  return { ended, own, registry: () => (all ??= Registry.merge([own, processMetrics()])) };
};

const gatewayMetrics = (
  registry: Registry,
  { calls, bodies, sessions, version, discovery }: HealthSources,
): void => {
  const registers = [registry];
  new Gauge({
    name: 'mcp_gateway_info',
    help: 'Always 1; the version is in the label.',
    labelNames: ['version'],
    aggregator: 'first',
    registers,
  }).set({ version }, 1);
  const read = (name: string, help: string, value: () => number, aggregator: Aggregator = 'sum'): void => {
    new Gauge({
      name,
      help,
      aggregator,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  read('mcp_gateway_calls_in_flight', 'Requests that are being worked on.', () => calls.pending);
  read('mcp_gateway_streams', 'Streams that stand open for what changes.', () => calls.size - calls.pending);
  read(
    'mcp_gateway_receiving_bytes',
    'Bodies of requests that are held while they arrive.',
    () => bodies.used,
  );
  // Of several workers none sees more than there are, and the process that keeps the sessions sees them all.
  read('mcp_gateway_sessions', 'Sessions of 2025-era clients.', () => sessions.size, 'max');
  discoveryMetrics(registry, discovery);
};
