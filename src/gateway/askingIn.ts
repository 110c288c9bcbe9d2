import type { Asking } from '../sinks/toHttp.js';
import type { Asks } from '../streams/asks.js';

/** The book of what one session has been asked. */
export const askingIn = (asks: Asks, sessionId: string): Asking => ({
  open: (ask) => asks.open(sessionId, ask),
  drop: (id) => asks.drop(sessionId, id),
});
