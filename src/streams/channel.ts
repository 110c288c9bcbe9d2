import type { Departure } from './exchange.js';
import type { Valve } from './valve.js';

/** Why the gateway closes a channel. */
export type Closing = 'session-ended' | 'going-away' | 'identity-ended';

/**
 * One client's shared way out: a WebSocket, a pipe, an SSE stream for all its calls. What is sent for different calls travels
 * message by message on it, in the order it was sent.
 */
export interface Channel {
  /** The client's demand for everything on the channel together. */
  readonly valve: Valve;
  /** Sends one message and tells its size in bytes; nothing happens on a channel that is closed. */
  send(message: unknown): number;
  /** Ends the channel, after what has been sent already. */
  close(why: Closing): void;
  /** Calls `listener` once, when the channel has ended, whoever ended it; at once if it has already. */
  onGone(listener: (why: Departure) => void): void;
}
