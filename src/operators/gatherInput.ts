import type { OperatorFunction } from 'rxjs';
import { askInTurn } from '../streams/askInTurn.js';
import { capabilitiesOf } from '../streams/capabilitiesOf.js';
import type { Exchange, InSession, Resolved } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';

/**
 * Makes requests of all that a server asks for, also of what it asks for by a result that wants a retry.
 *
 * ```
 * part          --(input_required)              --r|
 * gatherInput   --ask-----------answer---(retry)--r|
 * ```
 *
 * @param part sends the call; it takes the part as an argument because a retry sends it again
 */
export const gatherInput = <E extends Exchange & InSession & Resolved>(
  part: OperatorFunction<E, Reply>,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const { target } = exchange;
    return askInTurn(
      (round) => send({ ...exchange, target: { ...target, params: { ...target.params, ...round } } }),
      send(exchange),
      capabilitiesOf(exchange),
    );
  });
};
