/**
 * Every way a call can be refused or fail, in one table, and the one funnel that turns anything thrown into one of them.
 *
 * The JSON-RPC codes and HTTP statuses follow the MCP specification (2026-07-28: transports/streamable-http; 2025-11-25 and
 * earlier: basic/transports). Codes of our own lie outside -32768…-32000, which JSON-RPC and MCP reserve.
 */
import type { JsonRpcError } from './jsonrpc.js';

/** What audit, metrics, traces and log lines call the end of a call. */
export type Outcome =
  | 'success'
  | 'tool_error'
  | 'invalid_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'policy_failed'
  | 'rate_limited'
  | 'quota_exceeded'
  | 'not_found'
  | 'no_instance'
  | 'upstream_failed'
  | 'timeout'
  | 'cancelled'
  | 'slow_consumer'
  | 'internal';

interface ErrorFacts {
  /** JSON-RPC error code. */
  readonly rpc: number;
  /** HTTP status, as long as no byte of the answer has left. */
  readonly http: number;
  /** Whether the same call may be sent again without fear of doing its work twice. */
  readonly retryable: boolean;
  /** Whether the message may be shown to the client; otherwise it sees a general one. */
  readonly expose: boolean;
  readonly outcome: Outcome;
}

const invalid = { retryable: false, expose: true, outcome: 'invalid_request' } as const;

const failed = {
  rpc: -32603,
  http: 200,
  retryable: false,
  expose: true,
  outcome: 'upstream_failed',
} as const;

const exhausted = { rpc: 4029, retryable: true, expose: true, outcome: 'rate_limited' } as const;

/** code → what the client and the operator see. `http` is 200 where the specification wants the error in-band. */
export const errorTable = {
  ERR_PARSE: { ...invalid, rpc: -32700, http: 400 },
  ERR_INVALID_REQUEST: { ...invalid, rpc: -32600, http: 400 },
  ERR_METHOD_UNKNOWN: { ...invalid, rpc: -32601, http: 404, outcome: 'not_found' },
  ERR_METHOD_UNSUPPORTED: { ...invalid, rpc: -32601, http: 200, outcome: 'not_found' },
  ERR_ENVELOPE: { ...invalid, rpc: -32602, http: 400 },
  ERR_INVALID_PARAMS: { ...invalid, rpc: -32602, http: 200 },
  ERR_HEADER_MISMATCH: { ...invalid, rpc: -32020, http: 400 },
  ERR_CAPABILITY_REQUIRED: { ...invalid, rpc: -32021, http: 400 },
  ERR_VERSION_UNSUPPORTED: { ...invalid, rpc: -32022, http: 400 },
  ERR_VERSION_HEADER: { ...invalid, rpc: -32000, http: 400 },
  ERR_CURSOR_INVALID: { ...invalid, rpc: -32602, http: 200 },
  ERR_TOOL_UNKNOWN: { ...invalid, rpc: -32602, http: 200, outcome: 'not_found' },
  ERR_PROMPT_UNKNOWN: { ...invalid, rpc: -32602, http: 200, outcome: 'not_found' },
  ERR_RESOURCE_UNKNOWN: { ...invalid, rpc: -32602, http: 200, outcome: 'not_found' },
  /** An access policy keeps it from this caller, who is told what is told of what does not exist. */
  ERR_HIDDEN: { ...invalid, rpc: -32602, http: 200, outcome: 'forbidden' },
  /** A server has it, and it is held back until somebody approves it; callers are told what is told of what does not exist. */
  ERR_HELD_BACK: { ...invalid, rpc: -32602, http: 200, outcome: 'forbidden' },
  ERR_NAMESPACE_UNKNOWN: { ...invalid, rpc: -32000, http: 404, outcome: 'not_found' },
  ERR_SESSION_REQUIRED: { ...invalid, rpc: -32000, http: 400 },
  ERR_SESSION_UNKNOWN: { ...invalid, rpc: -32001, http: 404, outcome: 'not_found' },
  ERR_SESSION_EXISTS: { ...invalid, rpc: -32600, http: 400 },
  ERR_STREAM_EXISTS: { ...invalid, rpc: -32000, http: 409 },
  /** 400 and not 404, which would mean that the session is gone. */
  ERR_EVENT_UNKNOWN: { ...invalid, rpc: -32000, http: 400, outcome: 'not_found' },
  /** Too many listen streams, or too many resources on one of them or in one session. */
  ERR_SUBSCRIPTIONS_EXHAUSTED: {
    rpc: -32603,
    http: 200,
    retryable: true,
    expose: true,
    outcome: 'rate_limited',
  },
  /** Also for a task of somebody else, and for an id that was made up. */
  ERR_TASK_UNKNOWN: { ...invalid, rpc: -32602, http: 200, outcome: 'not_found' },
  /** `tasks/cancel` of a task that has ended (2025-11-25). */
  ERR_TASK_ENDED: { ...invalid, rpc: -32602, http: 200 },
  ERR_TASKS_EXHAUSTED: { rpc: -32603, http: 200, retryable: true, expose: true, outcome: 'rate_limited' },
  ERR_ORIGIN_FORBIDDEN: { ...invalid, rpc: -32000, http: 403, outcome: 'forbidden' },
  ERR_NOT_ACCEPTABLE: { ...invalid, rpc: -32000, http: 406 },
  ERR_MEDIA_TYPE: { ...invalid, rpc: -32000, http: 415 },
  ERR_METHOD_NOT_ALLOWED: { ...invalid, rpc: -32000, http: 405 },
  ERR_BODY_TOO_LARGE: { ...invalid, rpc: -32000, http: 413 },
  /** Arguments do not fit the tool's schema: told as a result with `isError` (SEP-1303), so that a model can mend them. */
  ERR_ARGUMENTS_INVALID: { ...invalid, rpc: -32602, http: 200 },
  ERR_SCHEMA_INVALID: { rpc: -32603, http: 200, retryable: false, expose: true, outcome: 'upstream_failed' },
  ERR_FORBIDDEN: { ...invalid, rpc: 4003, http: 200, outcome: 'forbidden' },
  /** What is sent or answered holds what a rule under `redact` refuses. The rule is named, the value is not. */
  ERR_CONTENT_REFUSED: { ...invalid, rpc: 4003, http: 200, outcome: 'forbidden' },
  /** A rule under `transform` failed: for arguments before anything was sent, for a result it is withheld. */
  ERR_TRANSFORM_FAILED: { ...failed, outcome: 'internal' },
  /** A policy that decides over the call could not be asked, or said what makes no sense: then nothing is allowed. */
  ERR_POLICY_FAILED: { rpc: 4032, http: 503, retryable: true, expose: true, outcome: 'policy_failed' },
  /** Where there are tenants, the caller belongs to none of them. */
  ERR_TENANT_REQUIRED: { ...invalid, rpc: 4003, http: 403, outcome: 'forbidden' },
  /** A person has to approve the call, and the client can not be asked for it. */
  ERR_APPROVAL_REQUIRED: { ...invalid, rpc: 4003, http: 200, outcome: 'forbidden' },
  /** Whoever was asked to approve the call denied it, dismissed the question or did not answer in time. */
  ERR_NOT_APPROVED: { ...invalid, rpc: 4003, http: 200, outcome: 'forbidden' },
  /** Nobody has said who calls, and that has to be known here. */
  ERR_UNAUTHENTICATED: { ...invalid, rpc: 4001, http: 401, outcome: 'unauthenticated' },
  /** A token, key or certificate that is not accepted. */
  ERR_CREDENTIAL_INVALID: { ...invalid, rpc: 4001, http: 401, outcome: 'unauthenticated' },
  /** Two credentials, one in the URL, or one that can't be read. */
  ERR_CREDENTIAL_MALFORMED: { ...invalid, rpc: -32600, http: 400, outcome: 'unauthenticated' },
  /** The caller is known and lacks scopes; the challenge names all that are needed. */
  ERR_SCOPE_INSUFFICIENT: { ...invalid, rpc: 4003, http: 403, outcome: 'forbidden' },
  /** Too many credentials from this address were refused; see `auth.max_failures`. */
  ERR_CREDENTIALS_THROTTLED: { ...exhausted, http: 429 },
  /** Who vouches for callers does not answer: nobody is let in on trust. */
  ERR_IDENTITY_UNAVAILABLE: {
    rpc: 4031,
    http: 503,
    retryable: true,
    expose: true,
    outcome: 'upstream_failed',
  },
  /** Too much of one client is under way; see `streams.per_client`. */
  ERR_CLIENT_EXHAUSTED: { ...exhausted, http: 429 },
  /** Too much of one session is under way; see `streams.per_session`. */
  ERR_SESSION_EXHAUSTED: { ...exhausted, http: 429 },
  /** Too often; see `limits` and `rate_limit`. */
  ERR_RATE_LIMITED: { ...exhausted, http: 429 },
  /** The day's or month's calls of a tenant are used up; see `tenants.*.quotas`. */
  ERR_QUOTA_EXCEEDED: { ...exhausted, http: 429, outcome: 'quota_exceeded' },
  /** The calls or tokens of a session, a caller or a conversation are used up; see `budget` in docs/guard-operators.md. */
  ERR_BUDGET_EXCEEDED: { ...exhausted, http: 429, outcome: 'quota_exceeded' },
  /** Too much on one connection that carries many requests; see `transports.max_calls_per_connection`. */
  ERR_CONNECTION_EXHAUSTED: { ...exhausted, http: 429 },
  /** Too much is under way to one server; see `streams.per_server`. */
  ERR_SERVER_EXHAUSTED: { ...exhausted, http: 503 },
  /** No room for the call at its server, not even to wait, or none in time; see `concurrency`. */
  ERR_SERVER_BUSY: { ...exhausted, http: 503 },
  /** Too many sessions; see `sessions.max`. */
  ERR_SESSIONS_EXHAUSTED: { ...exhausted, http: 503 },
  /** Too many calls wait for their clients; see `streams.parked`. */
  ERR_PARKED_EXHAUSTED: { ...exhausted, http: 503 },
  /** Told to a backend: its client has too many questions to answer; see `streams.asks`. */
  ERR_ASKS_EXHAUSTED: { ...exhausted, http: 200, rpc: -32603 },
  /** Too much of unfinished bodies is held; see `buffers.bodies`. */
  ERR_BODIES_EXHAUSTED: { ...exhausted, http: 503 },
  /** Answers pile up on a stream (HTTP+SSE) that its client does not read. */
  ERR_STREAM_FULL: { ...exhausted, http: 503 },
  /** Sessions, streams and tasks are kept in a cluster that does not answer; see `sessions.hazelcast`. */
  ERR_STORE_AWAY: { rpc: 4031, http: 503, retryable: true, expose: true, outcome: 'no_instance' },
  ERR_OVERLOADED: { rpc: 4029, http: 503, retryable: true, expose: true, outcome: 'rate_limited' },
  /** No record of it could be kept just now; see `audit.on_overload`. */
  ERR_UNRECORDED: { ...exhausted, http: 503, outcome: 'internal' },
  ERR_DRAINING: { rpc: 4030, http: 503, retryable: true, expose: true, outcome: 'no_instance' },
  /** The instance of the gateway that holds the session can't be reached: the request has not been sent to it. */
  ERR_HOME_UNREACHABLE: { rpc: 4031, http: 503, retryable: true, expose: true, outcome: 'no_instance' },
  /** The instance that was to answer has ended in the middle; 502, as proxies take 503 for "not begun" and send it again. */
  ERR_INSTANCE_LOST: { rpc: -32603, http: 502, retryable: false, expose: true, outcome: 'upstream_failed' },
  ERR_NO_INSTANCE: { rpc: -32603, http: 200, retryable: true, expose: true, outcome: 'no_instance' },
  /** The connection never opened, or the backend said it did not begin: nothing has happened there. */
  ERR_UPSTREAM_UNREACHABLE: { ...failed, retryable: true },
  /** The gateway has no token that the backend takes: it did not begin. */
  ERR_UPSTREAM_UNAUTHORIZED: { ...failed, retryable: true },
  /** The call was sent and its fate is unknown. */
  ERR_UPSTREAM_FAILED: failed,
  /** The backend takes no more calls for now (HTTP 429). */
  ERR_UPSTREAM_BUSY: { rpc: -32603, http: 200, retryable: true, expose: true, outcome: 'upstream_failed' },
  /** The backend's answer, or an event of it, is larger than `buffers.backend_message`. */
  ERR_UPSTREAM_TOO_LARGE: { ...failed },
  /** The backend forgot the session, each one that was opened for the call; or was replaced in the middle of it. */
  ERR_UPSTREAM_SESSION_LOST: { ...failed },
  ERR_UPSTREAM_TIMEOUT: { rpc: -32603, http: 200, retryable: false, expose: true, outcome: 'timeout' },
  /** The backend asked the client for something (MRTR, sampling, …) that can't be relayed. */
  ERR_INPUT_UNSUPPORTED: { ...failed },
  /** A `requestState` that was altered, belongs to somebody else or another request, or has expired. */
  ERR_STATE_INVALID: { ...invalid, rpc: -32602, http: 200 },
  /** The client did not answer what it was asked for, or could not. */
  ERR_INPUT_REFUSED: { rpc: -32603, http: 200, retryable: false, expose: true, outcome: 'cancelled' },
  /** Another request was sent under the idempotency key before; see operators/dedupe.ts. */
  ERR_KEY_REUSED: { ...invalid, rpc: -32602, http: 200 },
  /** The first call with this idempotency key is still under way, where this one can not join it. */
  ERR_KEY_PENDING: { ...invalid, rpc: 4009, http: 200, retryable: true },
  /** The call with this idempotency key was made, and its answer is not kept. */
  ERR_ANSWER_DROPPED: { ...invalid, rpc: -32603, http: 200, outcome: 'not_found' },
  /** No room to remember the idempotency key, and without that the call is not made. */
  ERR_KEYS_EXHAUSTED: { ...exhausted, http: 429 },
  ERR_CANCELLED: { rpc: -32603, http: 200, retryable: false, expose: true, outcome: 'cancelled' },
  ERR_SLOW_CONSUMER: { rpc: -32603, http: 200, retryable: false, expose: true, outcome: 'slow_consumer' },
  ERR_INTERNAL: { rpc: -32603, http: 200, retryable: false, expose: false, outcome: 'internal' },
} as const satisfies Record<string, ErrorFacts>;

/** The stable name of a refusal or failure. Switch on it, not on messages. */
export type GatewayErrorCode = keyof typeof errorTable;

export interface GatewayErrorOptions {
  /** Goes to the client as the JSON-RPC error's `data`. */
  readonly data?: unknown;
  /** What was caught; logged, never shown. */
  readonly cause?: unknown;
  /** Extra HTTP headers of the answer, e.g. `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What log and audit call it, where the table's word for its code is too general. */
  readonly outcome?: Outcome;
  /** The backend said that it did not begin: nothing has happened there. Always so for `ERR_UPSTREAM_UNREACHABLE`. */
  readonly notBegun?: boolean;
  /** When the backend wants to be asked again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** A refusal or failure the gateway knows. Discriminated by {@link GatewayError.code}. */
export class GatewayError extends Error {
  readonly code: GatewayErrorCode;
  readonly data: unknown;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly outcome: Outcome;
  /** Whether nothing can have happened at the backend: the call may be sent again, whatever it does. */
  readonly notBegun: boolean;
  readonly retryAfterMs: number | undefined;

  constructor(code: GatewayErrorCode, message: string, options: GatewayErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.data = options.data;
    this.headers = options.headers;
    this.outcome = options.outcome ?? errorTable[code].outcome;
    this.notBegun = options.notBegun ?? code === 'ERR_UPSTREAM_UNREACHABLE';
    this.retryAfterMs = options.retryAfterMs;
  }

  get facts(): ErrorFacts {
    return errorTable[this.code];
  }

  /** As the client sees it. */
  toJsonRpc(): JsonRpcError {
    const { rpc, expose } = this.facts;
    const message = expose ? this.message : 'Internal error';
    return this.data === undefined ? { code: rpc, message } : { code: rpc, message, data: this.data };
  }
}

/**
 * An expected refusal: a {@link GatewayError} without a stack trace.
 *
 * A denial storm must not be the most expensive path: capturing a stack doubles the price of an error (4.7 → 2.2 µs).
 */
export const refusal = (
  code: GatewayErrorCode,
  message: string,
  options?: GatewayErrorOptions,
): GatewayError => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return new GatewayError(code, message, options);
  } finally {
    Error.stackTraceLimit = limit;
  }
};

/** The only funnel: whatever was thrown becomes a {@link GatewayError}; the unrecognised is internal, never the client's fault. */
export const fromUnknown = (error: unknown): GatewayError => {
  if (error instanceof GatewayError) return error;
  if (isOfAnotherCopy(error)) {
    const { code, message, data, outcome, notBegun, retryAfterMs, cause, headers = {} } = error;
    return new GatewayError(code, message, { data, outcome, notBegun, retryAfterMs, cause, headers });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new GatewayError('ERR_INTERNAL', message, { cause: error });
};

/** A chain of one's own may come with a copy of this package, whose class is another. */
const isOfAnotherCopy = (error: unknown): error is GatewayError =>
  error instanceof Error &&
  error.name === 'GatewayError' &&
  Object.hasOwn(errorTable, (error as Partial<GatewayError>).code ?? '');
