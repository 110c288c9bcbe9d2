import { createHash } from 'node:crypto';
import type { Exchange, Principal } from '../../streams/exchange.js';

/** What is asked of a call that has ended, beside itself. */
export interface CallRecordOptions {
  readonly traceId: string;
  /** The id of the gateway among those that share its sessions; undefined for one that is alone. */
  readonly gateway: string | undefined;
}

/** What an audit trail says of a call that has ended, or was refused. Its session is in it as a digest: the id is a secret. */
export const callRecord = (
  { message, origin, notes, startedAt, id }: Exchange,
  { traceId, gateway }: CallRecordOptions,
): Readonly<Record<string, unknown>> => ({
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
  policy: notes.decision?.policy,
  policy_reason: notes.decision?.fault ?? notes.decision?.reason,
  outcome: notes.outcome,
  error: notes.error?.code,
  reason: notes.error?.message,
  duration_ms: Math.round((performance.now() - startedAt) * 1000) / 1000,
});

/** What vouches for somebody is named, never shown: of an API key there is the id. */
const who = ({ id, method, user, clientId, tenant, roles }: Principal) => ({
  id,
  method,
  user,
  client: clientId,
  tenant,
  roles: roles.length === 0 ? undefined : roles,
});

/** Enough to tell sessions apart, of no use to whoever wants to go on with one. */
const digest = (sessionId: string): string =>
  createHash('sha256').update(sessionId).digest('base64url').slice(0, 22);
