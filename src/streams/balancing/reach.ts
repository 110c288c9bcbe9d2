import { tap, type Observable } from 'rxjs';
import { limits } from '../../config/limits.js';
import { fromUnknown } from '../../protocol/errors.js';
import type { Reply } from '../reply.js';

/**
 * Whether calls reach an instance that has no circuit breaker: lost after some that did not in a row, until one does.
 *
 * An answer of any kind reaches it; a timeout, a connection that breaks and a client that leaves say nothing.
 */
export class Reach {
  #missed = 0;

  get isLost(): boolean {
    return this.#missed >= limits.lostAfterCalls;
  }

  /** It has been heard of. */
  answered(): void {
    this.#missed = 0;
  }

  /** The replies of one call to it, unchanged. */
  watch(replies$: Observable<Reply>): Observable<Reply> {
    return replies$.pipe(
      tap({
        next: () => this.answered(),
        error: (error: unknown) => {
          if (fromUnknown(error).code === 'ERR_UPSTREAM_UNREACHABLE') this.#missed++;
        },
      }),
    );
  }
}
