import {
  catchError,
  defer,
  mergeMap,
  of,
  tap,
  throwError,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import { fromUnknown, refusal, type GatewayError } from '../protocol/errors.js';
import type { Instance } from '../streams/serverState.js';
import type { Exchange, Placed, Resolved, Target } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';

/** The order in which the instances of a server are tried for one call. */
export type Order = (target: Target) => readonly Instance[];

/**
 * Tries a call on one instance after the other until one answers; the client sees one answer.
 *
 * > Only the attempt is repeated, never what stands before it: a call is authorized once.
 *
 * ```
 * calls              --a----------|
 * attempt on i1        -#                never reached: nothing has happened there
 * attempt on i2         ----r|
 * retryAcross…       --------r----|
 * ```
 *
 * Never after a first reply has left. A call that may have begun is sent again only where that does no harm (a tool marked
 * read-only or idempotent, a read); one that never reached its instance always is.
 *
 * @param order the instances to try; the first is the preferred one
 * @param attempt only this is repeated
 */
export const retryAcrossInstances = <E extends Exchange & Resolved>(
  order: Order,
  attempt: OperatorFunction<E & Placed, Reply>,
): OperatorFunction<E, Reply> =>
  mergeMap((exchange) => {
    const instances = order(exchange.target);
    const [only] = instances;
    if (only === undefined)
      return throwError(() => refusal('ERR_NO_INSTANCE', 'No instance of this server is known'));
    // A repeatable call gets a second chance even with one instance: its connection may have been closed while idle.
    const attempts = exchange.target.repeatable ? Math.max(instances.length, 2) : instances.length;
    return attempts === 1
      ? attempt(of({ ...exchange, instance: only }))
      : tryFrom(0, attempts, exchange, instances, attempt);
  });

const tryFrom = <E extends Exchange & Resolved>(
  index: number,
  attempts: number,
  exchange: E,
  instances: readonly Instance[],
  attempt: OperatorFunction<E & Placed, Reply>,
): Observable<Reply> =>
  defer(() => {
    const instance = instances[index % instances.length] as Instance;
    let replied = false;
    return attempt(of({ ...exchange, instance })).pipe(
      tap(() => {
        replied = true;
      }),
      catchError((caught: unknown) => {
        const error = fromUnknown(caught);
        const again = !replied && index + 1 < attempts && mayRepeat(error, exchange.target);
        return again ? tryFrom(index + 1, attempts, exchange, instances, attempt) : throwError(() => error);
      }),
    );
  });

const mayRepeat = (error: GatewayError, { repeatable }: Target): boolean =>
  error.code === 'ERR_UPSTREAM_UNREACHABLE' ||
  (repeatable && (error.code === 'ERR_UPSTREAM_FAILED' || error.code === 'ERR_UPSTREAM_SESSION_LOST'));
