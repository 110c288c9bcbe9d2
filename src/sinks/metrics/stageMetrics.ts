import { Counter, Gauge, type Registry } from 'prom-client';
import type { Exchange } from '../../streams/exchange.js';
import type { LiveCalls } from '../../streams/liveCalls.js';
import { StageTotals } from '../../streams/stageTotals.js';

/**
 * The stages of the pipeline as metrics, in the order in which calls pass them.
 *
 * @returns to be told of every exchange that has ended
 */
export const stageMetrics = (registry: Registry, calls: LiveCalls): ((exchange: Exchange) => void) => {
  const totals = new StageTotals();
  const registers = [registry];
  new Counter({
    name: 'mcp_gateway_stage_entered_total',
    help: 'How often messages have entered a stage of the pipeline.',
    labelNames: ['stage'],
    registers,
    collect() {
      this.reset();
      for (const { name, entered } of totals.read(calls.exchanges())) this.inc({ stage: name }, entered);
    },
  });
  new Counter({
    name: 'mcp_gateway_stage_refused_total',
    help: 'Messages that a stage of the pipeline refused, or that failed in it, by error code.',
    labelNames: ['stage', 'error'],
    registers,
    collect() {
      this.reset();
      for (const { name, refused } of totals.read([]))
        for (const [error, count] of refused) this.inc({ stage: name, error }, count);
    },
  });
  new Gauge({
    name: 'mcp_gateway_stage_calls',
    help: 'Messages that are in a stage of the pipeline now.',
    labelNames: ['stage'],
    registers,
    collect() {
      this.reset();
      for (const { name, now } of totals.read(calls.exchanges())) this.set({ stage: name }, now);
    },
  });
  return (exchange) => totals.ended(exchange);
};
