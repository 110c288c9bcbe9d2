import type { OperatorFunction } from 'rxjs';
import type { Bulkheads } from '../streams/bulkheads.js';
import type { Exchange, Resolved } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';

/**
 * Bounds how many calls one server works on at a time; a few more wait for their turn.
 *
 * > A server that is slow holds up its own callers, for a bounded time, and nobody else.
 *
 * ```
 * calls                        --a--b---------|
 * part, for a                    -----r|
 * part, for b                         ---r|       b began when a had ended
 * limitConcurrency (max: 1)    -------r--r|
 * ```
 *
 * Servers that the configuration sets no limit for are passed by. The wait counts towards the call's deadline, and for no silence
 * of its backend.
 *
 * @param part what is bounded: all attempts at a call together
 */
export const limitConcurrency = <E extends Exchange & Resolved>(
  part: OperatorFunction<E, Reply>,
  bulkheads: Bulkheads,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const { name, concurrency } = exchange.target.server.settings;
    if (concurrency === undefined) return send(exchange);
    return bulkheads.of(name).pass(concurrency, () => send(exchange), exchange.clock);
  });
};
