import type { Observable } from 'rxjs';
import type { Greeting } from './upstreamEra.js';

/** How an era hears of changes at the server, and asks to hear of more. */
export interface Watches {
  /** Told what the server declares, whenever it introduces itself. */
  greeted(greeting: Greeting): void;
  /** See `Backend.watch`. */
  watch(uri: string): Observable<void>;
  /** Listens no more; every watch fails with this error. */
  stop(error: Error): void;
}
