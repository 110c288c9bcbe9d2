import type { Observable } from 'rxjs';
import type { Origin } from './exchange.js';

/**
 * The other instances, for what a client says of a call that one of them has begun and finishes while it leaves: its session is at home
 * elsewhere by then. Each completes when the message has been taken, or there is nobody to take it.
 */
export interface Peers {
  /** Tells one of them. */
  tell(instance: string, origin: Origin, message: unknown): Observable<never>;
  /** Tells all that are leaving. */
  tellLeaving(origin: Origin, message: unknown): Observable<never>;
}
