import type { JsonRpcRequest, JsonRpcResponse } from '../../../protocol/jsonrpc.js';

/**
 * The answer to a request that a server sends although the gateway declared no capability for any: `ping` is answered, as
 * it must be (2.4), everything else is an unknown method.
 */
export const refuseRequest = ({ id, method }: JsonRpcRequest): JsonRpcResponse =>
  method === 'ping'
    ? { jsonrpc: '2.0', id, result: {} }
    : { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } };
