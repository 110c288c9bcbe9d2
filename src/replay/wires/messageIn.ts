import { isCall, isResponse, type JsonRpcCall, type JsonRpcResponse } from '../../protocol/jsonrpc.js';

/** A message as it stands in a text; undefined for what is none. */
export const messageIn = (text: string): JsonRpcCall | JsonRpcResponse | undefined => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Whoever reads it says that no answer came.
    return undefined;
  }
  return isCall(value) || isResponse(value) ? value : undefined;
};
