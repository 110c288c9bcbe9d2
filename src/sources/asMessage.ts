import { refusal } from '../protocol/errors.js';
import { isCall, isResponse, type JsonRpcCall } from '../protocol/jsonrpc.js';
import { internalMethods } from '../protocol/methods.js';

/**
 * A client's value as the message it is; a response travels under a name of our own (see `internalMethods`).
 *
 * @throws GatewayError `ERR_INVALID_REQUEST`, `ERR_METHOD_UNKNOWN`
 */
export const asMessage = (value: unknown): JsonRpcCall => {
  if (isCall(value)) {
    if (value.method.startsWith('$/')) throw refusal('ERR_METHOD_UNKNOWN', 'Method not found');
    return value;
  }
  if (isResponse(value))
    return { jsonrpc: '2.0', method: internalMethods.response, params: { response: value } };
  throw refusal('ERR_INVALID_REQUEST', 'Invalid request: not a JSON-RPC 2.0 message');
};
