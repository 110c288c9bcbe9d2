import { Observable } from 'rxjs';
import type { Exchange } from './exchange.js';
import type { Reply } from './reply.js';
import type { StreamLimit } from './streamLimits.js';
import { takeSlots } from './takeSlots.js';

/**
 * Sends an exchange if every limit has room for it, and gives back what it took from them when it has ended, however it did.
 *
 * @param limits the first without room refuses; those before it get back what was taken
 */
export const withinLimits = <E extends Exchange>(
  exchange: E,
  limits: readonly StreamLimit<E>[],
  send: (exchange: E) => Observable<Reply>,
): Observable<Reply> =>
  new Observable((subscriber) => {
    // What it throws is the error of the call.
    for (const limit of limits) subscriber.add(takeSlots(exchange, limit));
    send(exchange).subscribe(subscriber);
  });
