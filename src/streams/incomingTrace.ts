import type { Headers } from '../protocol/classify.js';
import type { JsonRpcCall } from '../protocol/jsonrpc.js';
import { metaOf } from '../protocol/mcp.js';
import { traceContext, type TraceContext } from '../protocol/traceContext.js';

/** The trace context that a call came in with. */
export interface IncomingTrace {
  /** That of the message, which is the caller's; where it says nothing, that of the HTTP request it came in. */
  readonly context: TraceContext;
  /** The `traceparent` of the HTTP request where the message has one of its own: something else, related to it. */
  readonly beside: string | undefined;
}

/** What it is read from. */
interface Incoming {
  readonly message: JsonRpcCall;
  readonly origin: { readonly headers: Headers };
}

const none: IncomingTrace = { context: {}, beside: undefined };

/** Reads the context from `_meta` and from headers (W3C Trace Context, Baggage; SEP-414). What is malformed or too long is not there. */
export const incomingTrace = ({ message, origin }: Incoming): IncomingTrace => {
  const meta = metaOf(message.params);
  const { headers } = origin;
  const isInHeaders = headers['traceparent'] !== undefined || headers['baggage'] !== undefined;
  const isInMeta = meta['traceparent'] !== undefined || meta['baggage'] !== undefined;
  if (!isInHeaders) return isInMeta ? { context: traceContext(meta), beside: undefined } : none;
  const around = traceContext(headers);
  const own = isInMeta ? traceContext(meta) : {};
  const { baggage = around.baggage } = own;
  const parent = own.traceparent === undefined ? around : own;
  return {
    context: { ...parent, ...(baggage !== undefined && { baggage }) },
    beside: own.traceparent === undefined ? undefined : around.traceparent,
  };
};
