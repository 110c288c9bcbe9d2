import { tap, type OperatorFunction } from 'rxjs';
import type { Exchange, Redacting, Resolved } from '../streams/exchange.js';
import { Marks } from '../streams/marks.js';
import { redactedReplies } from '../streams/redactedReplies.js';
import { isFinal, type Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';

/**
 * Takes out of all replies of a part what rules do not let through: results, errors, progress, log messages, questions to the client, and
 * out of the client's answers what must not go to the server. See {@link redactedReplies}, also for texts that come in parts.
 *
 * ```
 * part            --n-----r|
 * redactReplies   --N-----R|
 * ```
 *
 * Where no rule is about the call, the replies are those of the part itself.
 */
export const redactReplies = <E extends Exchange & Resolved & Redacting>(
  part: OperatorFunction<E, Reply>,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const { redaction, target } = exchange;
    if (redaction === undefined) return send(exchange);
    const { uri } = target.params;
    const { marks } = exchange.notes;
    const replies$ = send(exchange).pipe(tap((reply) => isFinal(reply) && marks.enter(redacting)));
    return redactedReplies(replies$, redaction, typeof uri === 'string' ? uri : undefined);
  });
};

/** Entered when the last reply comes. */
const redacting = Marks.idOf('redactReplies');
