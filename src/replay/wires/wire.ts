import type { JsonRpcCall, JsonRpcResponse } from '../../protocol/jsonrpc.js';

/** Something to be sent as a client sends it. */
export interface Outgoing {
  /** A JSON-RPC message; `$/stream` and `$/end` stand for a GET and a DELETE. */
  readonly message: JsonRpcCall;
  readonly revision: string;
  /** The media types taken for an answer; undefined for both of MCP. */
  readonly accept: string | undefined;
  /** More headers for this one. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

/** How it went. */
export interface Ended {
  /** The answer; undefined where none came, which is right for a notification. */
  readonly response?: JsonRpcResponse;
  /** Of HTTP. */
  readonly status?: number;
  /** Why there is no answer, in words. */
  readonly failure?: string;
}

/** Told of what becomes of something that was sent. */
export interface Hearer {
  /** Everything that comes for it before its answer: notifications, and questions to the client. */
  heard(message: JsonRpcCall): void;
  /** Told once. */
  ended(how: Ended): void;
}

/** A client's way to the target: its session, its connection. */
export interface Wire {
  /** Sends, now. Gives what gives it up; nothing more is told then. */
  send(outgoing: Outgoing, hearer: Hearer): () => void;
  /** Answers what the client was asked. */
  reply(response: JsonRpcResponse): void;
  /** Ends it, and its session if it has one that was not ended; resolves when that is done, or can't be. */
  close(): Promise<void>;
}

/** Where wires lead. */
export interface WireOptions {
  /** Of Streamable HTTP and WebSocket. */
  readonly url: string;
  /** Of HTTP+SSE. */
  readonly sseUrl: string;
  /** For every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Questions that belong to no call, as far as the wire can tell. */
  readonly asked: (message: JsonRpcCall) => void;
}
