import { filter, map, mergeMap, type OperatorFunction } from 'rxjs';
import { isRequestId, type RequestId } from '../protocol/jsonrpc.js';
import { metaOf } from '../protocol/mcp.js';
import type { BackendCall } from '../streams/backend.js';
import type { Exchange, InSession, Placed, Resolved } from '../streams/exchange.js';
import type { NotificationReply, Reply } from '../streams/reply.js';

/**
 * Sends the call to the instance it has been placed on; its replies are the instance's.
 *
 * ```
 * calls   --a--------------|
 * invoke  ----n--n--n--r---|     progress, then the result
 * ```
 *
 * Progress gets the client's own token back; without one the client has not asked for progress and gets none. Unsubscribing
 * cancels the call at the backend.
 */
export const invoke = <E extends Exchange & InSession & Resolved & Placed>(): OperatorFunction<E, Reply> =>
  mergeMap((exchange) => {
    const { instance, notes } = exchange;
    notes.instance = instance.id;
    notes.attempts++;
    const token = metaOf(exchange.message.params)['progressToken'];
    if (!isRequestId(token))
      return instance.backend.invoke(backendCall(exchange, false)).pipe(filter(isNoProgress));
    return instance.backend.invoke(backendCall(exchange, true)).pipe(map((reply) => withToken(reply, token)));
  });

const backendCall = (exchange: Exchange & InSession & Resolved, progress: boolean): BackendCall => {
  const { target, origin, message, session, outlet } = exchange;
  const call = {
    method: target.method,
    params: target.params,
    repeatable: target.repeatable,
    progress,
    logLevel: origin.revision.sessions ? session?.logLevel : origin.revision.logLevel(message),
    valve: outlet.valve,
  };
  return target.tool === undefined ? call : { ...call, tool: target.tool };
};

const isProgress = (reply: Reply): reply is NotificationReply =>
  reply.kind === 'notification' && reply.method === 'notifications/progress';

const isNoProgress = (reply: Reply): boolean => !isProgress(reply);

const withToken = (reply: Reply, progressToken: RequestId): Reply =>
  isProgress(reply) ? { ...reply, params: { ...reply.params, progressToken } } : reply;
