import { isRequest } from '../protocol/jsonrpc.js';
import { loggedName } from '../protocol/loggedName.js';
import { loggedReason } from '../protocol/loggedReason.js';
import type { Exchange } from '../streams/exchange.js';
import type { Log } from '../streams/log.js';

/**
 * Writes one line for each call that has ended, with the fields of a call's log line: `client_id, tenant, server, tool,
 * duration_ms, status, trace_id`. Arguments and session ids are never in it.
 *
 * @returns to be told of a call and the id of its trace
 */
export const toLog =
  (log: Log) =>
  (exchange: Exchange, trace: string): void => {
    const { notes, message, origin, startedAt, id } = exchange;
    const { error, principal } = notes;
    const fields = {
      event: message.method === 'tools/call' ? 'tool_call' : 'request',
      client_id: principal?.clientId ?? principal?.id,
      principal: principal?.clientId === undefined ? undefined : principal.id,
      tenant: principal?.tenant ?? null,
      server: notes.server,
      tool: notes.target,
      duration_ms: Math.round((performance.now() - startedAt) * 1000) / 1000,
      status: notes.outcome,
      trace_id: trace,
      method: loggedName(message.method),
      namespace: origin.namespace,
      instance: notes.instance,
      attempts: notes.attempts > 1 ? notes.attempts : undefined,
      tried: notes.tried?.map(({ instance, kind, startedMs, durationMs, outcome, error: code }) => ({
        instance,
        kind,
        started_ms: startedMs,
        duration_ms: durationMs,
        status: outcome,
        error: code,
      })),
      request_id: id,
      error: error?.code,
      reason: error && loggedReason(error),
      policy: notes.decision?.policy,
      policy_reason: notes.decision?.fault ?? notes.decision?.reason,
    };
    if (error?.code === 'ERR_INTERNAL')
      log.error({ ...fields, err: error.cause }, 'A call failed inside the gateway');
    else if (isRequest(message)) log.info(fields, error === undefined ? 'call' : 'call failed');
    else log.debug(fields, 'message');
  };
