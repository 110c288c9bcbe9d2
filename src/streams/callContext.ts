import type { Authenticated, Exchange, Resolved } from './exchange.js';
import { traceIdOf } from './traceIdOf.js';

/** What is told of a call: who calls what, when and in which trace. */
export interface CallContext {
  /** What goes into arguments as `_context`. */
  readonly told: Readonly<Record<'client_id' | 'timestamp' | 'trace_id', string>>;
  /** What rules know as `$context`. */
  readonly known: Readonly<Record<string, string | undefined>>;
}

/** @param now epoch milliseconds */
export const callContext = (exchange: Exchange & Authenticated & Resolved, now: number): CallContext => {
  const { principal, target } = exchange;
  const told = {
    client_id: principal.clientId ?? principal.id,
    timestamp: new Date(now).toISOString(),
    trace_id: traceIdOf(exchange),
  };
  const { user, tenant } = principal;
  const tool = target.tool?.name ?? target.begunBy?.tool;
  return { told, known: { ...told, user, tenant, server: target.server.settings.name, tool } };
};
