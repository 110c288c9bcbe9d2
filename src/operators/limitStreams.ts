import type { OperatorFunction } from 'rxjs';
import { isRequest } from '../protocol/jsonrpc.js';
import { internalMethods } from '../protocol/methods.js';
import { answerOf, service, type Service } from '../streams/service.js';
import type { Exchange } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';
import type { StreamLimit } from '../streams/streamLimits.js';
import { withinLimits } from '../streams/withinLimits.js';

/**
 * Bounds how many exchanges go through a part of the chain at a time, by client, session, server or whatever the limits count.
 *
 * > What was taken is given back however the exchange ends: answered, failed, cancelled, its client gone.
 *
 * ```
 * calls                    --a--b------c--|
 * part, for a                --------r|
 * limitStreams (one)       -----#                  b while a is under way: refused, a goes on
 * ```
 *
 * Notifications and answers are not counted: they are what ends calls. Standing streams are.
 *
 * @param part what is bounded; it takes the part as an argument because only it knows when an exchange has ended
 * @param limits all must have room; the first that has none refuses
 */
export const limitStreams = <E extends Exchange>(
  part: OperatorFunction<E, Reply>,
  limits: readonly StreamLimit<E>[],
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => (isCounted(exchange) ? withinLimits(exchange, limits, send) : send(exchange)));
};

const isCounted = ({ message }: Exchange): boolean =>
  isRequest(message) ||
  message.method === internalMethods.stream ||
  message.method === internalMethods.resume;
