import type { OperatorFunction } from 'rxjs';
import { fromUnknown, refusal, type GatewayError } from '../protocol/errors.js';
import { inTurn } from '../streams/inTurn.js';
import { answerOf, service, type Service } from '../streams/service.js';
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
): Service<E, Reply> => {
  const send = answerOf(attempt);
  return service((exchange) => {
    const { target } = exchange;
    const instances = order(target);
    const [only] = instances;
    if (only === undefined) throw refusal('ERR_NO_INSTANCE', 'No instance of this server is known');
    if (instances.length === 1 && !target.repeatable) return send({ ...exchange, instance: only });
    // A repeatable call gets a second chance even with one instance: its connection may have been closed while idle.
    const attempts = target.repeatable ? Math.max(instances.length, 2) : instances.length;
    return inTurn(
      (index) => send({ ...exchange, instance: instances[index % instances.length] as Instance }),
      (error, index, replied) => !replied && index + 1 < attempts && mayRepeat(fromUnknown(error), target),
    );
  });
};

const mayRepeat = (error: GatewayError, { repeatable }: Target): boolean =>
  error.code === 'ERR_UPSTREAM_UNREACHABLE' ||
  (repeatable && (error.code === 'ERR_UPSTREAM_FAILED' || error.code === 'ERR_UPSTREAM_SESSION_LOST'));
