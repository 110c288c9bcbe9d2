import { randomFillSync } from 'node:crypto';
import { isRequest } from '../protocol/jsonrpc.js';
import { metaOf } from '../protocol/mcp.js';
import type { Exchange } from '../streams/exchange.js';
import type { Log } from '../streams/log.js';

const traceparent = /^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Writes one line for each call that has ended, with the fields of a call's log line: `client_id, tenant, server, tool,
 * duration_ms, status, trace_id`. Arguments and session ids are never in it.
 */
export const toLog =
  (log: Log) =>
  (exchange: Exchange): void => {
    const { notes, message, origin, startedAt, id } = exchange;
    const { error } = notes;
    const fields = {
      event: message.method === 'tools/call' ? 'tool_call' : 'request',
      client_id: notes.principal,
      tenant: null,
      server: notes.server,
      tool: notes.target,
      duration_ms: Math.round((performance.now() - startedAt) * 1000) / 1000,
      status: notes.outcome,
      trace_id: traceId(exchange),
      method: message.method,
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
      reason: error?.message,
    };
    if (error?.code === 'ERR_INTERNAL')
      log.error({ ...fields, err: error.cause }, 'A call failed inside the gateway');
    else if (isRequest(message)) log.info(fields, error === undefined ? 'call' : 'call failed');
    else log.debug(fields, 'message');
  };

/** The trace the client is in, or a new one. */
const traceId = ({ message, origin }: Exchange): string => {
  const given = metaOf(message.params)['traceparent'] ?? origin.headers['traceparent'];
  const known = typeof given === 'string' ? traceparent.exec(given)?.[1] : undefined;
  return known ?? freshTraceId();
};

/** 256 ids' worth of random bytes: one call into the operating system's generator for all of them (15 µs each otherwise). */
const randomness = Buffer.alloc(16 * 256);
let used = randomness.length;

const freshTraceId = (): string => {
  if (used === randomness.length) {
    randomFillSync(randomness);
    used = 0;
  }
  return randomness.toString('hex', used, (used += 16));
};
