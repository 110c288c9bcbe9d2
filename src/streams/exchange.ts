import type { Observable, Observer } from 'rxjs';
import type { GatewayError, GatewayErrorCode, Outcome } from '../protocol/errors.js';
import type { Headers } from '../protocol/classify.js';
import type { ClientCertificate } from '../protocol/identity/clientCertificate.js';
import type { JsonRpcCall, Params } from '../protocol/jsonrpc.js';
import type { BackendMethod } from '../protocol/methods.js';
import type { ToolDefinition } from '../protocol/mcp.js';
import type { Revision } from '../protocol/revisions/revision.js';
import type { ToolRule } from '../config/settings.js';
import type { TimeLimits } from '../config/timeSettings.js';
import type { TraceContext } from '../protocol/traceContext.js';
import type { TaskOrigin } from '../protocol/taskIds.js';
import type { TaskUse } from './backend.js';
import type { Approval } from './approval.js';
import type { CallClock } from './callClock.js';
import type { CallTrace } from './callTrace.js';
import type { Decision } from './decision.js';
import type { Instance, ServerState } from './serverState.js';
import { Marks } from './marks.js';
import type { CallRedaction } from './callRedaction.js';
import type { Reply } from './reply.js';
import type { Session } from './sessions.js';
import type { Valve } from './valve.js';

/** Where an exchange came in. */
export interface Origin {
  readonly transport: 'http' | 'websocket' | 'sse' | 'stdio' | 'in-process';
  /** The namespace of the route (`/mcp/{namespace}`), undefined for the endpoint of all servers. */
  readonly namespace: string | undefined;
  /** The revision the client's message is written in, and its answer will be. */
  readonly revision: Revision;
  readonly sessionId: string | undefined;
  readonly headers: Headers;
  /** The peer's address. */
  readonly address: string | undefined;
  readonly certificate?: ClientCertificate | undefined;
  /** The HTTP request it came in; its path is without the query. */
  readonly request?: { readonly method: string; readonly path: string };
  /** Whether the message came in a JSON array. */
  readonly batch: boolean;
}

/** Why a client is gone: it left, or it was cut off because it did not read. */
export type Departure = 'left' | 'slow';

/** Where the replies leave: a sink for one exchange, with its client's demand and its leaving. */
export interface Outlet extends Observer<Reply> {
  /** The client's demand; sources attach to it. */
  readonly valve: Valve;
  /** Takes HTTP headers for whatever is answered, beside those of the same name; where there are none to be sent, nothing comes of it. */
  announce?(headers: Readonly<Record<string, string>>): void;
  /** What has been sent to the client so far, in bytes; undefined where nobody counts. */
  readonly sentBytes?: number;
  /** True while the client is gone and may yet come back for what is sent meanwhile. */
  readonly away?: boolean;
  /** Calls `listener` once if the client leaves before the outlet has completed. */
  onGone(listener: (why: Departure) => void): void;
}

/** One attempt at a call, as log, metrics and whoever else is told of ended calls see it. */
export interface Attempt {
  /** The id of the instance. */
  readonly instance: string;
  /** Why it was made: it was the first, one before it had failed, or the first was silent for long. */
  readonly kind: 'first' | 'retry' | 'hedge';
  /** Milliseconds from the arrival of the call. */
  readonly startedMs: number;
  /** How long it took; undefined while it is under way. */
  durationMs: number | undefined;
  /** `outrun` when another one was faster. */
  outcome: Outcome | 'outrun' | undefined;
  /** Why it failed, and why there was another one. */
  error: GatewayErrorCode | undefined;
}

/**
 * What the log line, audit and metrics will say of a call. Mutable on purpose, the only such thing in an exchange: an RxJS
 * error notification loses the exchange with all facts gathered so far, and a refusal is what one most wants to read about.
 */
export interface Notes {
  /** Who calls, as soon as that is known. */
  principal: Principal | undefined;
  server: string | undefined;
  /** The exposed name of the tool or prompt, or the resource's URI. */
  target: string | undefined;
  instance: string | undefined;
  attempts: number;
  /** The attempts, where there was more than one or one failed, in the order they began; bounded. Undefined where nothing is to tell. */
  tried?: Attempt[] | undefined;
  outcome: Outcome | undefined;
  /** Where it goes, as the client sent it; what is redacted later is still in it. */
  resolved: Target | undefined;
  /** The id of the session that it has opened: a secret. */
  opened: string | undefined;
  /** Whether its answer was remembered; undefined where it is not to be. */
  cached: 'hit' | 'miss' | undefined;
  /** What policies said of it, where any had a say. */
  decision: Decision | undefined;
  /** What a person said of it, where one was to be asked. */
  approval: Approval | undefined;
  /** Why it failed; its cause is for the log only. */
  error: GatewayError | undefined;
  /** The method of the standing stream that it became: one come back for that went on as a new one. */
  goesOnAs: string | undefined;
  /** The stages it has entered, and when. */
  readonly marks: Marks;
  /** The trace it is part of, which a task that goes on by itself shares; undefined until somebody asks, and where there are none. */
  readonly trace: {
    own: CallTrace | undefined;
    /** The id of a trace that somebody had to make up. */
    made: string | undefined;
  };
}

/** One call travelling through the gateway. */
export interface Exchange {
  /** Key in log and trace. */
  readonly id: string;
  /** What the client asked. */
  readonly message: JsonRpcCall;
  readonly origin: Origin;
  readonly outlet: Outlet;
  /** `performance.now()` at arrival, in milliseconds. */
  readonly startedAt: number;
  readonly notes: Notes;
  /** Its time; undefined where nothing bounds it. Fact of `within`, which any chain can do without. */
  readonly clock?: CallClock | undefined;
  /** The trace context that its server is told, where that is another than the message's own. Fact of `traceAttempts`. */
  readonly hop?: TraceContext | undefined;
  /** It came in a call of another tool, and its headers are about that one. Fact of `compress`. */
  readonly isWrapped?: true;
  /** When its parsing began, in milliseconds of `performance.now()`; undefined where nobody took note. */
  readonly parsedFrom?: number | undefined;
}

/** Who calls. Made by `knownPrincipal`, which fills in what is not given. */
export interface Principal {
  /** Unique and stable; limits, sessions and caches are keyed by it. */
  readonly id: string;
  /** How it was found out who it is. */
  readonly method: 'none' | 'jwt' | 'introspection' | 'api_key' | 'mtls' | 'custom';
  /** The person or program, in the words of whoever vouches for it: a token's `sub`, a key's user, a certificate's name. */
  readonly user: string | undefined;
  /** The OAuth client, or what stands for it. */
  readonly clientId: string | undefined;
  readonly tenant: string | undefined;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** What else is known of it: a token's claims. Bounded, and never the token itself. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** Epoch milliseconds after which it is nobody any more; undefined where nothing ends it. */
  readonly expiresAt: number | undefined;
  /** What its credential is good for, where that is not everything. Globs. */
  readonly reach: Reach | undefined;
  /** Stands for everybody who has not said who they are: what is kept for one of them is not shown to the others. */
  readonly anonymous?: boolean;
}

/** What a credential is limited to; each list that is missing limits nothing. */
export interface Reach {
  readonly namespaces?: readonly string[];
  readonly servers?: readonly string[];
  /** By exposed name. */
  readonly tools?: readonly string[];
}

/** Where somebody looks at the catalogue from, which decides what is there to be seen. */
export interface Viewpoint {
  readonly namespace: string | undefined;
  readonly principal: Principal;
}

/** Where a call goes: found in the catalogue, in the server's own names. */
export interface Target {
  readonly server: ServerState;
  readonly method: BackendMethod;
  /** Params in the server's own names, without what belongs to this hop. */
  readonly params: Params;
  readonly tool: ToolDefinition | undefined;
  /** Checks the arguments of a tool call: what is wrong, field by field; undefined where there is nothing to check. */
  readonly validate: ((args: unknown) => readonly string[]) | undefined;
  readonly repeatable: boolean;
  /** Longest silence of the backend, in milliseconds. */
  readonly timeoutMs: number;
  readonly times: TimeLimits | undefined;
  /** What the configuration says of this very tool, if anything. */
  readonly rule: ToolRule | undefined;
  /** Whether the configuration wants the gateway itself to offer this tool as a task. */
  readonly offeredAsTask: boolean;
  readonly tasks: TaskUse | undefined;
  /** The id of the instance to be tried first, where that matters. */
  readonly preferred: string | undefined;
  /** Of a task: what its redaction depends on. */
  readonly begunBy?: TaskOrigin | undefined;
}

/** Fact of `authenticate`. */
export interface Authenticated {
  readonly principal: Principal;
}
/** Fact of `openSession`: undefined in revisions without sessions. */
export interface InSession {
  readonly session: Session | undefined;
}
/** Fact of `resolveTool`. */
export interface Resolved {
  readonly target: Target;
}
/** Fact of `authorize`. */
export interface Authorized {
  readonly decision: Decision;
}
/** Fact of `redactArguments`. */
export interface Redacting {
  /** Undefined for a call that no rule is about. */
  readonly redaction: CallRedaction | undefined;
}
/** Fact of `openState`. */
export interface Resuming {
  /** The parked call that this retry goes on with; undefined for a call that goes to the server. */
  readonly parked: string | undefined;
}
/** Fact of `retryAcrossInstances`, for each attempt. */
export interface Placed {
  readonly instance: Instance;
}

/** A pipeline: exactly one exchange in, the replies to it out. */
export type Pipeline = (source: Observable<Exchange>) => Observable<Reply>;

/** What a source has to say of a call; the rest is made here. */
export type Arrival = Pick<Exchange, 'message' | 'origin' | 'outlet' | 'parsedFrom'>;

let count = 0;
const process36 = Math.floor(Math.random() * 36 ** 6).toString(36);

/**
 * The only way an exchange is made: born with every slot that the stages of the gateway will fill, though the type shows none
 * of them. `{ ...exchange, slot }` on such an object costs 55 ns; on one that grows by each slot, 560 (450 against 4 576 ns
 * for eight stages). Facts of your own work too and cost that much once.
 */
export const exchange = ({ message, origin, outlet, parsedFrom }: Arrival): Exchange => {
  const born = {
    id: `${process36}-${(++count).toString(36)}`,
    message,
    origin,
    outlet,
    startedAt: performance.now(),
    notes: {
      principal: undefined,
      server: undefined,
      target: undefined,
      instance: undefined,
      attempts: 0,
      tried: undefined,
      outcome: undefined,
      resolved: undefined,
      opened: undefined,
      cached: undefined,
      decision: undefined,
      approval: undefined,
      error: undefined,
      goesOnAs: undefined,
      marks: new Marks(),
      trace: { own: undefined, made: undefined },
    },
    principal: undefined,
    session: undefined,
    target: undefined,
    parked: undefined,
    decision: undefined,
    redaction: undefined,
    instance: undefined,
    clock: undefined,
    hop: undefined,
    parsedFrom,
  };
  return born;
};
