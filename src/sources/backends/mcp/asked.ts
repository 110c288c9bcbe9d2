import { missingCapability } from '../../../protocol/input.js';
import type { JsonRpcRequest, JsonRpcResponse } from '../../../protocol/jsonrpc.js';
import type { Capabilities } from '../../../protocol/mcp.js';
import { withoutHopKeys } from '../../../protocol/withoutHopKeys.js';
import type { AskReply } from '../../../streams/reply.js';
import { refuseRequest } from './refuseRequest.js';

/**
 * A server's own request in the middle of a call (2.5): what the client behind the call can answer becomes an ask, `ping` is
 * answered at once, everything else is refused.
 *
 * @param respond sends a response to the server
 * @returns the ask for the client; undefined when the server has its answer
 */
export const asked = (
  request: JsonRpcRequest,
  capabilities: Capabilities,
  respond: (response: JsonRpcResponse) => void,
): AskReply | undefined => {
  const { id, method, params = {} } = request;
  if (method === 'ping' || missingCapability({ method, params }, capabilities) !== undefined) {
    respond(refuseRequest(request));
    return undefined;
  }
  let open = true;
  return {
    kind: 'ask',
    method,
    params: withoutHopKeys(params),
    answer: (answer) => {
      if (open) respond({ jsonrpc: '2.0', id, ...answer });
      open = false;
    },
  };
};
