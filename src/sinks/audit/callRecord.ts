import type { CallRecord, RecordedDecision } from '../../protocol/audit/callRecord.js';
import { loggedName } from '../../protocol/loggedName.js';
import { loggedReason } from '../../protocol/loggedReason.js';
import type { JsonRpcCall } from '../../protocol/jsonrpc.js';
import type { Decision } from '../../streams/decision.js';
import type { Exchange } from '../../streams/exchange.js';
import { stagesOf } from '../../streams/stagesOf.js';
import { callerOf } from './callerOf.js';
import { receivedBytes } from '../receivedBytes.js';
import { sessionDigest } from './sessionDigest.js';

/** What is asked of a call that has ended, beside itself. */
export interface CallRecordOptions {
  readonly traceId: string;
  /** The id of the gateway among those that share its sessions; undefined for one that is alone. */
  readonly gateway: string | undefined;
  /** What to say of its arguments; undefined for nothing. */
  readonly argumentsOf: (exchange: Exchange) => unknown;
  /** Who decided what about it. */
  readonly decisionOf: (exchange: Exchange) => Decision | undefined;
}

/** What is said of a call that has ended, or was refused. Its session is in it as a digest: the id is a secret. */
export const callRecord = (
  exchange: Exchange,
  { traceId, gateway, argumentsOf, decisionOf }: CallRecordOptions,
): CallRecord => {
  const { message, origin, notes, outlet, startedAt, id } = exchange;
  const decision = decisionOf(exchange);
  return {
    time: new Date().toISOString(),
    kind: 'call',
    id,
    trace_id: traceId,
    gateway,
    who: callerOf(exchange),
    address: origin.address,
    transport: origin.transport,
    revision: origin.revision.version,
    namespace: origin.namespace,
    session: sessionDigest(origin.sessionId ?? notes.opened),
    method: loggedName(message.method),
    server: notes.server,
    target: notes.target ?? asked(message),
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
    cache: notes.cached,
    decision: decision && decided(decision),
    approval: notes.approval && { ...notes.approval, at: isoTime(notes.approval.at) },
    arguments: argumentsOf(exchange),
    outcome: notes.outcome ?? 'cancelled',
    error: notes.error?.code,
    reason: notes.error && loggedReason(notes.error),
    bytes_in: receivedBytes(exchange),
    bytes_out: outlet.sentBytes,
    duration_ms: Math.round((performance.now() - startedAt) * 1000) / 1000,
    stages: stagesOf(exchange),
  };
};

const isoTime = (at: number | undefined): string | undefined =>
  at === undefined ? undefined : new Date(at).toISOString();

/** What was asked for where nothing of that name was found. URIs are left out: they may hold what nobody should keep. */
const asked = ({ params }: JsonRpcCall): string | undefined => {
  const name = params?.['name'];
  return typeof name === 'string' ? loggedName(name) : undefined;
};

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
