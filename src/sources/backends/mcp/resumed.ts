import { catchError, concat, defer, of, retry, switchMap, tap, throwError, timer } from 'rxjs';
import type { MonoTypeOperatorFunction, Observable } from 'rxjs';
import type { Valve } from '../../../streams/valve.js';
import type { HttpLink } from './httpLink.js';
import { HttpRefusal } from './httpRefusal.js';
import { Interrupted } from './interrupted.js';
import { LetGo } from './letGo.js';
import { readMessages, type StreamPosition } from './readMessages.js';

/** Reconnects in a row that may fail. */
const maxFailures = 5;
/** Pause before a reconnect unless the server names one, and the bounds of what it may name, in milliseconds. */
const pauseMs = 1000;
const shortestPauseMs = 100;
const longestPauseMs = 30_000;

/**
 * Takes a legacy server's stream up again where it broke: `GET` with `Last-Event-ID`, whichever verb opened it (SEP-1699).
 *
 * ```
 * stream     --m1--!                 ended early, but its events had ids
 * resumed    --m1--L--(wait)--m2-    from the event after m1; L a `LetGo`, if the server closed it and named the wait
 * ```
 *
 * A stream without ids fails as it is. How often a server may let go of a stream that can be resumed is bounded by the
 * subscriber's time only: polling long calls that way is what the ids are for.
 */
export const resumed = (
  link: HttpLink,
  headers: readonly string[],
  valve: Valve,
  position: StreamPosition,
): MonoTypeOperatorFunction<unknown> => {
  let failures = 0;
  const wait = (): number => Math.min(Math.max(position.retryMs ?? pauseMs, shortestPauseMs), longestPauseMs);
  const reconnect = (): Observable<unknown> =>
    timer(wait()).pipe(
      switchMap(() => link.listen([...headers, 'last-event-id', position.lastEventId ?? ''], valve)),
      tap((part) => {
        if (part.kind === 'head' && part.status === 200) failures = 0;
      }),
      readMessages(link.maxMessageBytes, position),
    );
  const resume = (): Observable<unknown> =>
    defer(reconnect).pipe(
      retry({
        delay: (error: unknown) =>
          error instanceof HttpRefusal || ++failures >= maxFailures
            ? throwError(() => (error instanceof Interrupted ? error : new Interrupted(error)))
            : of(true),
      }),
    );
  return (source) =>
    source.pipe(
      catchError((error: unknown) =>
        error instanceof Interrupted && position.lastEventId !== undefined
          ? concat(
              error.cause === undefined && position.retryMs !== undefined ? of(new LetGo(wait())) : [],
              resume(),
            )
          : throwError(() => error),
      ),
    );
};
