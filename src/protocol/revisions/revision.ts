/** One revision of MCP as the gateway's clients speak it. Eras are implementations of this; nobody else asks which one it is. */
import type { GatewayError } from '../errors.js';
import type { JsonRpcCall, JsonRpcError, Result } from '../jsonrpc.js';
import type { Capabilities, Implementation, LogLevel } from '../mcp.js';
import type { TaskForm } from '../tasks.js';

export interface Revision {
  /** The date that names it, e.g. `2026-07-28`. */
  readonly version: string;
  /** Whether calls belong to a session opened by `initialize` (2025 era). */
  readonly sessions: boolean;
  /** Whether a JSON array of messages is allowed (2025-03-26 and older). */
  readonly batches: boolean;
  /** Whether a client that leaves a response stream thereby cancels the call (2026 era), or merely stops listening. */
  readonly leavingCancels: boolean;
  /** Whether a client is asked for input by requests on its stream (2025 era), or by a result that wants a retry. */
  readonly asksByRequest: boolean;
  /** Whether arguments may travel as headers too, and have to agree with them (`x-mcp-header`). */
  readonly mirrorsArguments: boolean;
  /** Whether a stream begins with an event that has an id and no data (2025-11-25); older clients choke on it. */
  readonly primesStreams: boolean;
  /** Whether a client must accept both JSON and SSE (2025 era; 406 otherwise). */
  readonly strictAccept: boolean;
  /** The JSON-RPC id of an error about a message whose own id could not be read: `null`, or none at all. */
  readonly unreadableId: null | undefined;
  /** How clients of this revision come by tasks: they declare the extension, ask for each, or not at all. */
  readonly tasks: TaskForm | undefined;
  /** What `initialize` or `server/discover` declares for that. */
  readonly taskCapabilities: Capabilities;
  /** Whether a client may call this method. */
  knows(method: string): boolean;
  /** What is wrong with the message's shape by the official schema, or nothing. */
  check(message: JsonRpcCall): string | undefined;
  /** The log level this one request asks for; undefined where the session says it. */
  logLevel(message: JsonRpcCall): LogLevel | undefined;
  /** What the client can do as this one message declares it; undefined where the session says it. */
  capabilities(message: JsonRpcCall): Capabilities | undefined;
  /** A result as clients of this revision expect it. */
  result(method: string, value: Result, server: Implementation): Result;
  /** An error as clients of this revision expect it. */
  error(method: string, error: JsonRpcError): JsonRpcError;
  /** The HTTP status of a refusal while nothing has been sent. */
  status(error: GatewayError): number;
  /** The HTTP status of a backend's own JSON-RPC error. */
  relayedStatus(error: JsonRpcError): number;
}
