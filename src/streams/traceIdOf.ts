import { traceParent } from '../protocol/traceParent.js';
import type { Exchange } from './exchange.js';
import { incomingTrace } from './incomingTrace.js';
import { randomHex } from './randomHex.js';

/** The trace that a call is in: that of its spans, or of its client (W3C Trace Context), or a new one, the same whoever asks. */
export const traceIdOf = (exchange: Exchange): string => {
  const { trace } = exchange.notes;
  if (trace.own !== undefined) return trace.own.traceId;
  const { traceparent } = incomingTrace(exchange).context;
  return traceparent === undefined ? (trace.made ??= randomHex(16)) : traceParent(traceparent).traceId;
};
