/**
 * A backend as the operators see it, whatever it is behind: a REST service, an MCP server over HTTP, a child process.
 */
import type { Observable } from 'rxjs';
import type { PinnedKind } from '../protocol/integrity/pinnedDefinitions.js';
import type { Suspicion } from '../protocol/integrity/suspicions.js';
import type { Params } from '../protocol/jsonrpc.js';
import type { BackendMethod } from '../protocol/methods.js';
import type {
  Capabilities,
  Implementation,
  LogLevel,
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '../protocol/mcp.js';
import type { Caller } from './caller.js';
import type { Reply } from './reply.js';
import type { Valve } from './valve.js';
import type { TraceContext } from '../protocol/traceContext.js';

/** Everything a server offers, under its own names, as one immutable value. */
export interface Offer {
  /** The MCP revision spoken with it, or `rest`. */
  readonly revision: string;
  readonly serverInfo?: Implementation;
  readonly capabilities: Capabilities;
  readonly instructions?: string;
  readonly tools: readonly ToolDefinition[];
  readonly resources: readonly ResourceDefinition[];
  readonly resourceTemplates: readonly ResourceTemplateDefinition[];
  readonly prompts: readonly PromptDefinition[];
  /** How long, in milliseconds, the server says its lists stay fresh; undefined when it says nothing. */
  readonly ttlMs?: number;
  /** What was left out of the offer and why (an invalid tool, an unreadable page); shown in health and log. */
  readonly warnings: readonly string[];
  /** What the gateway itself leaves out because nobody has approved it (see judgedOffer.ts). */
  readonly held?: readonly HeldBack[];
  /** What tries to deceive, held back or not. */
  readonly suspects?: readonly Suspect[];
}

/** A definition that is neither listed nor called. */
export interface HeldBack {
  readonly kind: PinnedKind;
  /** The server's own name, or the template of URIs. */
  readonly name: string;
  readonly why: 'changed' | 'new' | 'suspicious';
  /** Of a changed one: what has changed. */
  readonly fields: readonly string[];
}

/** A definition and what is suspicious about it. */
export interface Suspect extends Suspicion {
  readonly kind: PinnedKind;
  readonly name: string;
}

/** `take`: the caller takes tasks. `await`: it does not; whoever sends the call waits for the task and gives its result. */
export type TaskUse = 'take' | 'await';

/** One call, already in the backend's own names. */
export interface BackendCall {
  readonly method: BackendMethod;
  /**
   * The params in the server's own names. `_meta` holds only what may cross the hop: no `io.modelcontextprotocol/*` key and no
   * `progressToken` of the downstream side, trace context and unknown vendor keys kept.
   */
  readonly params: Params;
  /** The tool as the server defines it; set for `tools/call`. */
  readonly tool?: ToolDefinition;
  /**
   * Whether a tool call may come back as a task (`resultType: task`, in the extension's form whatever the server speaks): because
   * the caller takes tasks, or because it is called as one and waited for. Set for the methods about tasks.
   */
  readonly tasks?: TaskUse | undefined;
  /** The call may be sent twice: a lost session or connection is then no reason to give up. */
  readonly repeatable: boolean;
  /** Whether the client can take progress notifications. */
  readonly progress: boolean;
  /** Log messages wanted, from this level up; undefined for none. */
  readonly logLevel: LogLevel | undefined;
  /** What the client can be asked for, as it declared it. A server is told no more than that. */
  readonly capabilities: Capabilities;
  /** Who calls: what a server keeps for one caller is not shared with another. */
  readonly principalId: string;
  /** The same with what a credential for it is made of; undefined for calls of the gateway's own. */
  readonly caller?: Caller | undefined;
  /** Headers that a policy adds to the request, over all others of that name; lower case. Only where the backend is spoken to by HTTP. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Which trace it is part of, in headers of HTTP: goes with whatever request there is, and is left out where there is none. */
  readonly context?: TraceContext | undefined;
  /** The client's demand: pauses the backend's socket. */
  readonly valve: Valve;
  /** Longest time until the instance is reached, in milliseconds; the server's if not given. */
  readonly connectMs?: number | undefined;
  /** When the call must have ended, in the milliseconds of `Date.now()`; to be told to the backend. Undefined for nothing to tell. */
  readonly deadlineAt?: number | undefined;
}

/** A server's word that an elicitation by URL is done (2025-11-25: `notifications/elicitation/complete`). */
export interface Completion {
  readonly elicitationId: string;
  /** Whose it is; undefined where the server is one for all callers, and does not say. */
  readonly principalId: string | undefined;
}

/**
 * One instance of a server. Every Observable is cold: subscribing does the work, unsubscribing cancels it, on the backend too.
 *
 * Failures are `GatewayError`s: `ERR_UPSTREAM_UNREACHABLE` when nothing can have happened there, `ERR_UPSTREAM_FAILED` when
 * its fate is unknown, `ERR_UPSTREAM_SESSION_LOST`, `ERR_UPSTREAM_TIMEOUT`. No message names an address, a path or a stack.
 */
export interface Backend {
  /** Lists everything the server offers, once, and completes. The subscriber sets the time limit. */
  offer(): Observable<Offer>;
  /**
   * Sends one call. Emits notifications (`notifications/progress` without `progressToken`, even where none is wanted, as a sign
   * of life; `notifications/message`) and `ask`s within `call.capabilities` as they come, then exactly one `result` or `error`,
   * and completes. A result may be one of the 2026 era that asks for input (`resultType: input_required`). Results carry no
   * `resultType`, `ttlMs` or `cacheScope` unless the server sent them.
   */
  invoke(call: BackendCall): Observable<Reply>;
  /** Asks for a sign of life: whatever it emits is one, an error may be. Undefined where the protocol has no such question. */
  ping?(): Observable<unknown>;
  /** Emits when the server says that a list has changed. Hot; never errors. */
  readonly changed$: Observable<void>;
  /** Emits the URI of a resource, or of a part of one, that the server says has changed. Hot; never errors. */
  readonly updated$: Observable<string>;
  /** Emits when the server says, outside of any call, that an elicitation by URL is done. Hot; never errors. */
  readonly completed$: Observable<Completion>;
  /**
   * Makes the server tell of changes of a resource while subscribed: emits once when that is in effect, and goes on. Changes
   * come by {@link updated$}. Errors: `ERR_METHOD_UNSUPPORTED` or `ERR_RESOURCE_UNKNOWN` when the server refuses for good, any
   * other when it may be tried again (what changed in between has been missed then).
   */
  watch(uri: string): Observable<void>;
  /** Ends sessions, connections and children; resolves when they are gone. In-flight calls are left to finish for `graceMs`. */
  close(graceMs: number): Promise<void>;
}
