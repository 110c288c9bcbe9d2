import { mergeMap, type OperatorFunction } from 'rxjs';
import { isRequestId } from '../protocol/jsonrpc.js';
import { metaOf } from '../protocol/mcp.js';
import type { BackendCall } from '../streams/backend.js';
import { capabilitiesOf } from '../streams/capabilitiesOf.js';
import type { Authenticated, Exchange, InSession, Placed, Resolved } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';

/**
 * Sends the call to the instance it has been placed on; its replies are the instance's.
 *
 * ```
 * calls   --a--------------|
 * invoke  ----n--n--n--r---|     progress, then the result
 * ```
 *
 * Progress comes without a token: it is put on where the client is known (`addressReplies`). Unsubscribing cancels the call at
 * the backend.
 */
export const invoke = <
  E extends Exchange & Authenticated & InSession & Resolved & Placed,
>(): OperatorFunction<E, Reply> =>
  mergeMap((exchange) => {
    const { instance, notes } = exchange;
    notes.instance = instance.id;
    notes.attempts++;
    return instance.backend.invoke(backendCall(exchange));
  });

const backendCall = (exchange: Exchange & Authenticated & InSession & Resolved): BackendCall => {
  const { target, origin, message, session, outlet, principal } = exchange;
  const call = {
    method: target.method,
    params: target.params,
    repeatable: target.repeatable,
    progress: isRequestId(metaOf(message.params)['progressToken']),
    capabilities: capabilitiesOf(exchange),
    principalId: principal.id,
    logLevel: origin.revision.sessions ? session?.logLevel : origin.revision.logLevel(message),
    valve: outlet.valve,
  };
  return target.tool === undefined ? call : { ...call, tool: target.tool };
};
