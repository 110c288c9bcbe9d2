import { createHash } from 'node:crypto';
import type { CallRecord, RecordedCaller, RecordedDecision } from '../../protocol/audit/callRecord.js';
import type { Decision } from '../../streams/decision.js';
import type { Exchange, Principal } from '../../streams/exchange.js';
import { stagesOf } from '../../streams/stagesOf.js';

/** What is asked of a call that has ended, beside itself. */
export interface CallRecordOptions {
  readonly traceId: string;
  /** The id of the gateway among those that share its sessions; undefined for one that is alone. */
  readonly gateway: string | undefined;
}

/** What is said of a call that has ended, or was refused. Its session is in it as a digest: the id is a secret. */
export const callRecord = (exchange: Exchange, { traceId, gateway }: CallRecordOptions): CallRecord => {
  const { message, origin, notes, outlet, startedAt, id } = exchange;
  return {
    time: new Date().toISOString(),
    kind: 'call',
    id,
    trace_id: traceId,
    gateway,
    who: notes.principal === undefined ? undefined : who(notes.principal),
    address: origin.address,
    transport: origin.transport,
    revision: origin.revision.version,
    namespace: origin.namespace,
    session: origin.sessionId === undefined ? undefined : digest(origin.sessionId),
    method: message.method,
    server: notes.server,
    target: notes.target,
    instance: notes.instance,
    attempts: notes.attempts,
    tried: notes.tried?.map(({ instance, kind, startedMs, durationMs, outcome, error }) => ({
      instance,
      kind,
      started_ms: startedMs,
      duration_ms: durationMs,
      outcome,
      error,
    })),
    decision: notes.decision === undefined ? undefined : decided(notes.decision),
    outcome: notes.outcome ?? 'cancelled',
    error: notes.error?.code,
    reason: notes.error?.message,
    bytes_in: receivedBytes(exchange),
    bytes_out: outlet.sentBytes,
    duration_ms: Math.round((performance.now() - startedAt) * 1000) / 1000,
    stages: stagesOf(exchange),
  };
};

const who = ({ id, method, user, clientId, tenant, roles }: Principal): RecordedCaller => ({
  id,
  method,
  user,
  client: clientId,
  tenant,
  roles: roles.length === 0 ? undefined : roles,
});

const decided = ({ allow, policy, reason, fault, obligations }: Decision): RecordedDecision => {
  const { mask, headers, scopes, perMinute } = obligations;
  const isBound = [mask, headers, scopes, perMinute].some((obligation) => obligation !== undefined);
  return {
    allow,
    policy,
    reason: fault ?? reason,
    obligations: isBound
      ? { mask, headers: headers && Object.keys(headers), scopes, per_minute: perMinute }
      : undefined,
  };
};

/** What an HTTP client says is true: it was read by it. A message of several in one body, or on a shared connection, is measured. */
const receivedBytes = ({ message, origin }: Exchange): number => {
  const said = origin.batch ? undefined : origin.headers['content-length'];
  return said === undefined || origin.transport !== 'http'
    ? Buffer.byteLength(JSON.stringify(message))
    : Number(said);
};

/** Enough to tell sessions apart, of no use to whoever wants to go on with one. */
const digest = (sessionId: string): string =>
  createHash('sha256').update(sessionId).digest('base64url').slice(0, 22);
