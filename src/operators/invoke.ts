import { service, type Service } from '../streams/service.js';
import { isRequestId, type Params } from '../protocol/jsonrpc.js';
import { metaOf } from '../protocol/mcp.js';
import type { TraceContext } from '../protocol/traceContext.js';
import { awaitTask } from '../streams/awaitTask.js';
import type { BackendCall } from '../streams/backend.js';
import { capabilitiesOf } from '../streams/capabilitiesOf.js';
import type {
  Authenticated,
  Authorized,
  Exchange,
  InSession,
  Placed,
  Resolved,
} from '../streams/exchange.js';
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
export const invoke = <E extends Exchange & Authenticated & InSession & Resolved & Placed>(): Service<
  E,
  Reply
> =>
  service((exchange) => {
    const { instance, notes } = exchange;
    notes.instance = instance.id;
    notes.attempts++;
    const call = backendCall(exchange);
    return call.tasks === 'await' ? awaitTask(instance.backend, call) : instance.backend.invoke(call);
  });

const backendCall = (
  exchange: Exchange & Authenticated & InSession & Resolved & Partial<Authorized>,
): BackendCall => {
  const { target, origin, message, session, outlet, principal, clock, hop } = exchange;
  const { method, repeatable, tool, tasks } = target;
  const params = hop === undefined ? target.params : withContext(target.params, hop);
  const progress = isRequestId(metaOf(message.params)['progressToken']);
  const logLevel = origin.revision.sessions ? session?.logLevel : origin.revision.logLevel(message);
  const capabilities = capabilitiesOf(exchange);
  const principalId = principal.id;
  const { valve } = outlet;
  const connectMs = target.times?.connectMs;
  const deadlineAt = target.server.settings.forwardDeadline === false ? undefined : clock?.deadlineAt;
  const headers = exchange.decision?.obligations.headers;
  // Two whole literals: adding a key to one, or spreading it, costs more than all of it.
  return tool === undefined
    ? {
        method,
        params,
        tasks,
        repeatable,
        progress,
        logLevel,
        capabilities,
        principalId,
        caller: exchange,
        valve,
        connectMs,
        deadlineAt,
        headers,
        context: hop,
      }
    : {
        method,
        params,
        tool,
        tasks,
        repeatable,
        progress,
        logLevel,
        capabilities,
        principalId,
        caller: exchange,
        valve,
        connectMs,
        deadlineAt,
        headers,
        context: hop,
      };
};

/** In `_meta`, and with HTTP in headers besides: what serves the request there may know nothing of MCP. */
const withContext = (params: Params, hop: TraceContext): Params => ({
  ...params,
  _meta: { ...metaOf(params), ...hop },
});
