/**
 * What both eras of the protocol look like to the backend that speaks one of them. The transport is part of an implementation:
 * there is one for each pair of era and transport, and nothing else in the program asks which one it holds.
 */
import type { Observable } from 'rxjs';
import type { Capabilities, Implementation, ToolDefinition } from '../../../protocol/mcp.js';
import type { BackendCall } from '../../../streams/backend.js';
import type { Reply } from '../../../streams/reply.js';

/** One request on its way to the server, in the server's names, still free of era, id and token. A `BackendCall` is one. */
export interface UpstreamRequest extends Omit<BackendCall, 'method'> {
  readonly method: string;
}

/** What a server says about itself before anything else. */
export interface Greeting {
  /** The revision spoken from now on. */
  readonly revision: string;
  readonly capabilities: Capabilities;
  readonly serverInfo?: Implementation;
  readonly instructions?: string;
}

/** One server, spoken to in one era. */
export interface UpstreamEra {
  /** Asks the server who it is, or remembers it. */
  greet(): Observable<Greeting>;
  /** Asks the server for a sign of life; any answer is one. Where it is not given, {@link UpstreamEra.greet} asks each time. */
  ping?(): Observable<unknown>;
  /** Notifications of this request, then one `result` or `error`; unsubscribing cancels it at the server. */
  send(request: UpstreamRequest): Observable<Reply>;
  /** Makes the server tell of changes of a resource; see `Backend.watch`. A watch that is lost later fails. */
  watch(uri: string): Observable<void>;
  /** Why a tool must not be offered; undefined when it may. */
  screen(tool: ToolDefinition): string | undefined;
  /**
   * Lets go of what the server holds for us (a session). Never fails, completes when it is done.
   *
   * @param cause what calls that have not been sent yet fail with; `ERR_UPSTREAM_UNREACHABLE` if it is not given
   */
  end(cause?: Error): Observable<never>;
}

/** What a server says to the gateway rather than to one call. */
export interface ServerListener {
  /** One of its lists has changed. */
  changed(): void;
  /** A resource, or a part of one, has changed. */
  updated(uri: string): void;
  /**
   * An elicitation by URL is done.
   *
   * @param principalId whose it is, where the server was spoken to for one principal only
   */
  completed(elicitationId: string, principalId?: string): void;
}
