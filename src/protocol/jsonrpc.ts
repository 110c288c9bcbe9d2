/** JSON-RPC 2.0 as MCP uses it: types and guards. Pure data, no behaviour. */

/** A request's id: its type is part of it, `1` and `"1"` are two ids. */
export type RequestId = string | number;

/** `params` of a request or notification. MCP knows by-name parameters only. */
export type Params = Readonly<Record<string, unknown>>;

/** The value of a successful response. */
export type Result = Readonly<Record<string, unknown>>;

export interface JsonRpcRequest {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: string;
  readonly params?: Params;
}

export interface JsonRpcNotification {
  readonly jsonrpc: '2.0';
  readonly id?: undefined;
  readonly method: string;
  readonly params?: Params;
}

export interface JsonRpcError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

export interface JsonRpcSuccess {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly result: Result;
}

/** `id` is absent when the request's own could not be read (2026-07-28), `null` for older clients. */
export interface JsonRpcFailure {
  readonly jsonrpc: '2.0';
  readonly id?: RequestId | null;
  readonly error: JsonRpcError;
}

export type JsonRpcResponse = JsonRpcSuccess | JsonRpcFailure;

/** What has a method: something that asks or tells. */
export type JsonRpcCall = JsonRpcRequest | JsonRpcNotification;

/** True for a plain JSON object: not null, not an array. */
export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** True for an id that MCP allows: a string or an integer, never null. */
export const isRequestId = (value: unknown): value is RequestId =>
  typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value));

/** True for a request or a notification of the right shape. */
export const isCall = (value: unknown): value is JsonRpcCall =>
  isObject(value) &&
  value['jsonrpc'] === '2.0' &&
  typeof value['method'] === 'string' &&
  (value['id'] === undefined ? !('id' in value) : isRequestId(value['id'])) &&
  (value['params'] === undefined || isObject(value['params']));

/** True for a response of the right shape: exactly one of result and error. */
export const isResponse = (value: unknown): value is JsonRpcResponse => {
  if (!isObject(value) || value['jsonrpc'] !== '2.0' || 'method' in value) return false;
  const { id, result, error } = value;
  if (isObject(result)) return isRequestId(id) && error === undefined;
  if (!isObject(error) || result !== undefined) return false;
  const idFits = id === undefined || id === null || isRequestId(id);
  return idFits && Number.isInteger(error['code']) && typeof error['message'] === 'string';
};

/** True for a call that wants an answer. */
export const isRequest = (message: JsonRpcCall): message is JsonRpcRequest => message.id !== undefined;
