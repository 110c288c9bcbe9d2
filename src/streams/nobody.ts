import type { Outlet } from './exchange.js';
import { alwaysOpen, type Valve } from './valve.js';

/**
 * An outlet that nobody stands behind: of a call that goes on without the client that made it, or for several at once. Its replies are
 * taken by whoever subscribes to them.
 *
 * @param valve whose demand holds the call back; by default nobody's
 */
export const nobody = (valve: Valve = alwaysOpen): Outlet => ({
  next: () => undefined,
  // The replies go to whoever subscribes, errors too: here they would be told to nobody.
  error: () => undefined,
  complete: () => undefined,
  onGone: () => undefined,
  valve,
  away: true,
});
