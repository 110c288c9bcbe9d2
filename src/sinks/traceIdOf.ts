import { traceParent } from '../protocol/traceParent.js';
import type { Exchange } from '../streams/exchange.js';
import { incomingTrace } from '../streams/incomingTrace.js';
import { randomHex } from '../streams/randomHex.js';

/** The trace that a call is in: that of its spans, or of its client (W3C Trace Context), or a new one. */
export const traceIdOf = (exchange: Exchange): string => {
  const { own } = exchange.notes.trace;
  if (own !== undefined) return own.traceId;
  const { traceparent } = incomingTrace(exchange).context;
  return traceparent === undefined ? randomHex(16) : traceParent(traceparent).traceId;
};
