import { isObservable, of, type Observable } from 'rxjs';
import { service, type Service } from '../streams/service.js';
import type { Authenticated, Exchange, InSession } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';

/** Answers one method by itself: with a reply, a stream of them, or by throwing a refusal. */
export type Handler = (exchange: Exchange & Authenticated & InSession) => Reply | Observable<Reply>;

/** Ends a chain with a handler. For the methods that no backend has to be asked for. */
export const handle = (handler: Handler): Service<Exchange & Authenticated & InSession, Reply> =>
  service((exchange) => {
    const replies = handler(exchange);
    return isObservable(replies) ? replies : of(replies);
  });
