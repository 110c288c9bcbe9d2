import { catchError, takeUntil, throwError, type OperatorFunction } from 'rxjs';
import { fromUnknown } from '../protocol/errors.js';
import { isRequest } from '../protocol/jsonrpc.js';
import type { Authenticated, Exchange } from '../streams/exchange.js';
import type { Identify } from '../streams/identify.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import { stillKnown } from '../streams/stillKnown.js';

/**
 * Ends a standing stream when its client would not be let in any more: its token has expired, its key was revoked.
 *
 * > Calls that have begun go on to their end; what stands open without one does not.
 *
 * ```
 * part         --o--n---n------
 * whileKnown   --o--n---n--|         a stream without a request ends; one with a request is told why: ERR_CREDENTIAL_INVALID
 * ```
 *
 * On transports with one connection for all, the connection itself is ended, by its source.
 */
export const whileKnown = <E extends Exchange & Authenticated>(
  part: OperatorFunction<E, Reply>,
  identify: Identify,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const { origin, principal, message, notes } = exchange;
    if (origin.transport !== 'http' || principal.method === 'none') return send(exchange);
    const ending$ = stillKnown(identify, origin, principal).pipe(
      catchError((error: unknown) => {
        if (isRequest(message)) return throwError(() => error);
        notes.error = fromUnknown(error);
        notes.outcome = notes.error.outcome;
        return ended;
      }),
    );
    return send(exchange).pipe(takeUntil(ending$));
  });
};

/** Emits at once, which ends what waits for it. */
const ended = [undefined];
