/**
 * What comes back for an exchange, still free of any client's revision, ids and tokens: those are put on at the edge.
 */
import type { StoredEvent } from './events.js';
import type { GatewayError } from '../protocol/errors.js';
import type { JsonRpcError, Params, Result } from '../protocol/jsonrpc.js';

/** A message on the way to the answer: progress, log output. */
export interface NotificationReply {
  readonly kind: 'notification';
  readonly method: string;
  readonly params: Params;
}

/** A client's answer to something it was asked: a result or an error, as it came. */
export type Answer = { readonly result: Result } | { readonly error: JsonRpcError };

/** The backend asks the client for something in the middle of a call: sampling, elicitation, roots. */
export interface AskReply {
  readonly kind: 'ask';
  readonly method: string;
  readonly params: Params;
  /** Gives the client's answer to whoever asked; further calls do nothing. */
  readonly answer: (answer: Answer) => void;
}

/** The answer. `headers` are HTTP headers that go with it (a new session's id). */
export interface ResultReply {
  readonly kind: 'result';
  readonly result: Result;
  readonly headers?: Readonly<Record<string, string>>;
  /** Set when it tells of a failure of the instance itself: another one may have a better answer. Never reaches the client. */
  readonly fault?: GatewayError;
}

/** A JSON-RPC error as the answer. An error of the backend's own handler is such a value and passes untouched. */
export interface ErrorReply {
  readonly kind: 'error';
  readonly error: JsonRpcError;
  /** HTTP status while nothing has been sent; 200 (in-band) when not given. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A standing stream has begun; what it brings comes later. */
export interface OpenReply {
  readonly kind: 'open';
}

/**
 * The backend has let go of its connection and wants to be polled (SEP-1699), which the gateway does. A client that can come back
 * for its stream may be let go of, too, for so many milliseconds.
 */
export interface PollReply {
  readonly kind: 'poll';
  readonly retryMs: number;
}

/** Events of a stream that the client has come back for, as they were when first sent; none yet merely opens the response. */
export interface ReplayReply {
  readonly kind: 'replay';
  readonly events: readonly StoredEvent[];
}

/** A notification has been taken; nothing will follow. `status` is the HTTP status, 202 when not given. */
export interface AcceptedReply {
  readonly kind: 'accepted';
  readonly status?: number;
}

/** The call was cancelled by its client: the stream ends and there is no answer. */
export interface EndReply {
  readonly kind: 'end';
}

export type Reply =
  | OpenReply
  | NotificationReply
  | AskReply
  | PollReply
  | ReplayReply
  | ResultReply
  | ErrorReply
  | AcceptedReply
  | EndReply;

export const accepted: AcceptedReply = Object.freeze({ kind: 'accepted' });
export const open: OpenReply = Object.freeze({ kind: 'open' });
export const end: EndReply = Object.freeze({ kind: 'end' });
export const result = (value: Result): ResultReply => ({ kind: 'result', result: value });

/** True for a reply after which nothing follows. */
export const isFinal = ({ kind }: Reply): boolean =>
  kind !== 'notification' && kind !== 'open' && kind !== 'ask' && kind !== 'poll' && kind !== 'replay';
