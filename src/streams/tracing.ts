import type { CallTrace, TracedAttempt } from './callTrace.js';
import type { Exchange } from './exchange.js';

/** Traces of calls, where they are wanted. */
export interface Tracing {
  /** The trace of a call; the same one each time. */
  traceOf(exchange: Exchange): CallTrace;
  /** Told of each attempt that has ended. */
  attempted(trace: CallTrace, attempt: TracedAttempt): void;
}
