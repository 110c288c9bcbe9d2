import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import type { TraceSettings } from '../config/telemetrySettings.js';
import type { Outcome } from '../protocol/errors.js';
import { isRequest } from '../protocol/jsonrpc.js';
import type { RemoteSpan } from '../protocol/traceParent.js';
import { otlpExporter } from '../sinks/otlp/otlpExporter.js';
import type { OtlpTotals } from '../sinks/otlp/otlpTotals.js';
import { attemptSpan } from '../sinks/traces/attemptSpan.js';
import { callSpans } from '../sinks/traces/callSpans.js';
import type { Span } from '../sinks/traces/span.js';
import { CallTrace } from '../streams/callTrace.js';
import type { Exchange } from '../streams/exchange.js';
import { incomingTrace } from '../streams/incomingTrace.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import type { Tracing } from '../streams/tracing.js';
import { connectToCollector } from './connectToCollector.js';

export interface TracingOptions {
  readonly log: Log;
  readonly version: string;
  readonly totals: OtlpTotals;
}

/** The traces of a gateway's calls, on their way to a collector. */
export interface LiveTracing extends Tracing {
  /** To be told of every exchange that has ended. */
  ended(exchange: Exchange): void;
  /** Resolves when what waits is sent, or after a few seconds. */
  close(): Promise<void>;
}

/** What went wrong on this side of the client: told of whether or not the call was chosen. Refusals are for the audit trail. */
const failures: ReadonlySet<Outcome> = new Set<Outcome>([
  'tool_error',
  'upstream_failed',
  'timeout',
  'no_instance',
  'internal',
  'slow_consumer',
]);

/** Traces calls as the settings want it at the start of the gateway; undefined where they do not. */
export const tracing = (settings: Latest<Settings>, options: TracingOptions): LiveTracing | undefined => {
  const { traces } = settings.current.telemetry;
  if (traces === undefined) return undefined;
  const { version } = options;
  const exporter = otlpExporter<Span>({
    ...options,
    signal: 'traces',
    settings: () => settings.current.telemetry.otlp,
    connect: connectToCollector,
    encoding: async () => (await import('../sinks/otlp/spanEncoding.js')).spanEncoding(version),
  });
  const sample = sampling(traces);
  const traceOf = (exchange: Exchange): CallTrace =>
    (exchange.notes.trace.own ??= new CallTrace(incomingTrace(exchange), sample));
  return {
    traceOf,
    attempted(trace, attempt) {
      // The call has its answer, and goes on as a task.
      if (trace.isEnded && trace.isSampled)
        exporter.push(attemptSpan(trace, attempt, trace.attempts.indexOf(attempt), epoch()));
    },
    ended(exchange) {
      if (!isRequest(exchange.message)) return;
      const trace = traceOf(exchange);
      trace.isEnded = true;
      const { outcome } = exchange.notes;
      const isWanted =
        trace.isSampled || (traces.hasErrors && outcome !== undefined && failures.has(outcome));
      if (isWanted) exporter.push(...callSpans(exchange, trace, epoch()));
    },
    close: () => exporter.close(limits.otlpCloseMs),
  };
};

const sampling = ({ ratio, followsParent }: TraceSettings) => {
  return (parent: RemoteSpan | undefined): boolean =>
    followsParent && parent !== undefined ? parent.isSampled : Math.random() < ratio;
};

/** So far the clocks may be apart before the one that never jumps follows the one that people set. In milliseconds. */
const maxDriftMs = 20;
let epochMs = performance.timeOrigin;

/** What makes `performance.now()` a time of day. */
const epoch = (): number => {
  const now = Date.now() - performance.now();
  if (Math.abs(now - epochMs) > maxDriftMs) epochMs = now;
  return epochMs;
};
