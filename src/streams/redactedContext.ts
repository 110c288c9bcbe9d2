import type { Redactor } from '../protocol/redaction/redactor.js';
import { traceContext, type TraceContext } from '../protocol/traceContext.js';

/**
 * The context that goes on to a server, with its baggage redacted: callers put into it what they like, and it comes in headers too.
 *
 * @throws GatewayError `ERR_CONTENT_REFUSED` where a rule refuses what is in it
 */
export const redactedContext = (context: TraceContext, redactor: Redactor | undefined): TraceContext => {
  if (redactor === undefined || context.baggage === undefined) return context;
  const { baggage } = redactor.meta({ baggage: context.baggage }) as { readonly baggage?: unknown };
  // What stands for something may be more than baggage can hold.
  return baggage === context.baggage ? context : traceContext({ ...context, baggage });
};
