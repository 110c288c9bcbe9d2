import { Counter, Histogram, type Registry } from 'prom-client';
import type { Exchange } from '../../streams/exchange.js';
import { callBuckets } from './callBuckets.js';

export interface ToolMetricsOptions {
  /** So many tools have metrics of their own: the first to be called. */
  readonly maxTools: number;
}

/** What the rest is called. */
const rest = 'other';

/**
 * Calls of tools, each by its name, as many as are wanted: `mcp_gateway_tool_calls_total` and `mcp_gateway_tool_duration_seconds`. The
 * latter names the trace of a call as an exemplar, where it is traced.
 *
 * @returns to be told of every call of a tool that has ended; one that no server has is nobody's
 */
export const toolMetrics = (
  registry: Registry,
  { maxTools }: ToolMetricsOptions,
): ((exchange: Exchange) => void) => {
  const calls = new Counter({
    name: 'mcp_gateway_tool_calls_total',
    help: 'Calls of tools that have ended, by exposed name, server and outcome; those beyond telemetry.metrics.tools are other.',
    labelNames: ['tool', 'server', 'outcome'],
    registers: [registry],
  });
  const durations = new Histogram<'tool' | 'server' | 'trace_id'>({
    name: 'mcp_gateway_tool_duration_seconds',
    help: 'From the arrival of a call of a tool to the end of its answer.',
    labelNames: ['tool', 'server'],
    buckets: callBuckets,
    enableExemplars: true,
    // Only a registry of the newer format takes it at once; both can show it.
    registers: [],
  });
  registry.registerMetric(durations);
  const known = new Set<string>();
  return ({ notes, startedAt }) => {
    const { target, server, outcome = 'cancelled', trace } = notes;
    if (target === undefined || server === undefined) return;
    if (known.size < maxTools) known.add(target);
    const labels = { tool: known.has(target) ? target : rest, server };
    calls.inc({ ...labels, outcome });
    const value = (performance.now() - startedAt) / 1000;
    const { own } = trace;
    durations.observe({
      labels,
      value,
      exemplarLabels: own?.isSampled === true ? { trace_id: own.traceId } : {},
    });
  };
};
