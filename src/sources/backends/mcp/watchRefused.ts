import { refusal, type GatewayError } from '../../../protocol/errors.js';
import type { JsonRpcError } from '../../../protocol/jsonrpc.js';

/**
 * What it means that a server does not watch a resource: for good, or (`ERR_UPSTREAM_FAILED`) for now.
 *
 * @param error what it answered; undefined when it took the request but left this resource out
 */
export const watchRefused = (uri: string, error?: JsonRpcError): GatewayError => {
  if (error?.code === -32002 || error?.code === -32602)
    return refusal('ERR_RESOURCE_UNKNOWN', 'Resource not found', { data: { uri }, cause: error });
  if (error === undefined || error.code === -32601)
    return refusal('ERR_METHOD_UNSUPPORTED', 'The backend does not tell of changes of this resource', {
      cause: error,
    });
  return refusal('ERR_UPSTREAM_FAILED', 'The backend does not watch this resource now', { cause: error });
};
