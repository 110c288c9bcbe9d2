import { catchError, defer, throwError, type OperatorFunction } from 'rxjs';
import { fromUnknown, refusal, type GatewayErrorCode } from '../protocol/errors.js';
import type { Authenticated, Exchange } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import type { Admission } from './confirmScopes.js';

const notFound: ReadonlySet<GatewayErrorCode> = new Set([
  'ERR_TOOL_UNKNOWN',
  'ERR_PROMPT_UNKNOWN',
  'ERR_RESOURCE_UNKNOWN',
  'ERR_HIDDEN',
  'ERR_HELD_BACK',
]);

/**
 * Asks callers who have not said who they are to do so, where they want what they can't see.
 *
 * > What does not exist and what is not for strangers are answered alike: a 401 tells nothing of what there is.
 *
 * ```
 * part                 --#           ERR_TOOL_UNKNOWN
 * challengeStrangers   --#           ERR_UNAUTHENTICATED (401)
 * ```
 */
export const challengeStrangers = <E extends Exchange & Authenticated>(
  part: OperatorFunction<E, Reply>,
  admission: () => Admission | undefined,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const rules = exchange.principal.anonymous === true ? admission() : undefined;
    if (rules === undefined) return send(exchange);
    // What is refused at once is thrown.
    return defer(() => send(exchange)).pipe(
      catchError((error: unknown) => {
        const known = fromUnknown(error);
        if (!notFound.has(known.code)) return throwError(() => known);
        return throwError(() =>
          rules.challenged(
            refusal('ERR_UNAUTHENTICATED', 'Say who you are: this is not for everybody'),
            exchange.origin,
            rules.requiredScopes,
          ),
        );
      }),
    );
  });
};
