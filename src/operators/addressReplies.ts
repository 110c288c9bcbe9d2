import { filter, map, type OperatorFunction } from 'rxjs';
import { answerOf, service, type Service } from '../streams/service.js';
import { isRequestId, type RequestId } from '../protocol/jsonrpc.js';
import { metaOf } from '../protocol/mcp.js';
import type { Exchange } from '../streams/exchange.js';
import type { NotificationReply, Reply } from '../streams/reply.js';

/**
 * Gives the progress of a part the client's own token back; without one the client has not asked for progress and gets none.
 *
 * ```
 * part                        --p--m--p--r|      p progress, m log message
 * addressReplies (token t)    --t--m--t--r|
 * addressReplies (no token)   -----m-----r|
 * ```
 *
 * The token is the one of this request: a call that goes several rounds may have another each time.
 */
export const addressReplies = <E extends Exchange>(part: OperatorFunction<E, Reply>): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const token = metaOf(exchange.message.params)['progressToken'];
    const replies$ = send(exchange);
    return isRequestId(token)
      ? replies$.pipe(map((reply) => withToken(reply, token)))
      : replies$.pipe(filter((reply) => !isProgress(reply)));
  });
};

const isProgress = (reply: Reply): reply is NotificationReply =>
  reply.kind === 'notification' && reply.method === 'notifications/progress';

const withToken = (reply: Reply, progressToken: RequestId): Reply =>
  isProgress(reply) ? { ...reply, params: { ...reply.params, progressToken } } : reply;
