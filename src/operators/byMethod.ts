import { of, throwError, type OperatorFunction } from 'rxjs';
import { answerOf, service, type Service } from '../streams/service.js';
import { refusal } from '../protocol/errors.js';
import { isRequest } from '../protocol/jsonrpc.js';
import type { Exchange } from '../streams/exchange.js';
import { accepted, type Reply } from '../streams/reply.js';

/** What becomes of a method: the rest of the chain for it. */
export type Routes<E extends Exchange> = Readonly<Record<string, OperatorFunction<E, Reply>>>;

/**
 * Parts the stream by method: each goes on through its own chain.
 *
 * ```
 * calls     --ping----tools/call----x--|
 * byMethod  --r-------n-n-n-r-------#        x has no route: ERR_METHOD_UNKNOWN
 * ```
 */
export const byMethod = <E extends Exchange>(routes: Routes<E>): Service<E, Reply> => {
  const table = new Map(Object.entries(routes).map(([method, route]) => [method, answerOf(route)]));
  return service((exchange) => {
    const { message } = exchange;
    const route = table.get(message.method);
    if (route !== undefined) return route(exchange);
    if (!isRequest(message)) return of(accepted);
    return throwError(() =>
      refusal('ERR_METHOD_UNKNOWN', `Method not found: ${message.method.slice(0, 100)}`),
    );
  });
};
