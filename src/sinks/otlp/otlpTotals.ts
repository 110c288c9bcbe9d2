import { Counter, type Registry } from 'prom-client';
import type { OtlpSignal } from '../../config/telemetrySettings.js';

/** What became of telemetry that was to be sent. */
export interface OtlpTotals {
  sent(signal: OtlpSignal, count: number): void;
  /** `full`: there was no room; `refused`: the collector did not want it; `lost`: it was away for too long. */
  dropped(signal: OtlpSignal, reason: 'full' | 'refused' | 'lost', count: number): void;
}

/** Counts it, for all signals of one gateway. */
export const otlpTotals = (registry: Registry): OtlpTotals => {
  const registers = [registry];
  const sent = new Counter({
    name: 'mcp_gateway_otlp_sent_total',
    help: 'Spans, metrics and log records that a collector has taken.',
    labelNames: ['signal'],
    registers,
  });
  const dropped = new Counter({
    name: 'mcp_gateway_otlp_dropped_total',
    help: 'Spans, metrics and log records that were lost: no room (full), not wanted (refused), the collector was away for too long (lost).',
    labelNames: ['signal', 'reason'],
    registers,
  });
  return {
    sent: (signal, count) => sent.inc({ signal }, count),
    dropped: (signal, reason, count) => dropped.inc({ signal, reason }, count),
  };
};
