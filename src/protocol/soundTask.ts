import { refusal } from './errors.js';
import { missingCapability, type InputRequest } from './input.js';
import { isObject, type Params } from './jsonrpc.js';
import type { Capabilities } from './mcp.js';
import { isToolResult } from './toolResult.js';
import type { Task, TaskStatus } from './tasks.js';

/** Longest id of a server's task, in characters: sealed, it has to fit into a header. */
const maxTaskId = 4096;

const statuses: ReadonlySet<unknown> = new Set<TaskStatus>([
  'working',
  'input_required',
  'completed',
  'failed',
  'cancelled',
]);

/**
 * A server's task as clients may see it: what can be left out or mended is, what they would trip over is the server's failure.
 *
 * @param capabilities what the client can be asked for
 * @throws GatewayError `ERR_UPSTREAM_FAILED` for what is no task, `ERR_CAPABILITY_REQUIRED` for one that asks for what the client has
 *   not declared
 */
export const soundTask = (value: Params, capabilities: Capabilities): Task => {
  const { taskId, status, statusMessage, createdAt, lastUpdatedAt, ttlMs, pollIntervalMs, ...rest } = value;
  // A round of a call has one, a task has none (SEP-2663).
  const { inputRequests, result, error, requestState: _state, ...others } = rest;
  const isNamed = typeof taskId === 'string' && taskId !== '' && taskId.length <= maxTaskId;
  if (!isNamed || !statuses.has(status) || typeof createdAt !== 'string' || typeof lastUpdatedAt !== 'string')
    throw refusal('ERR_UPSTREAM_FAILED', 'The backend answered with what is no task');
  return {
    ...others,
    taskId,
    status: status as TaskStatus,
    ...(typeof statusMessage === 'string' && { statusMessage }),
    createdAt,
    lastUpdatedAt,
    ttlMs: isDuration(ttlMs) ? ttlMs : null,
    ...(isDuration(pollIntervalMs) && pollIntervalMs > 0 && { pollIntervalMs }),
    ...(status === 'input_required' && inputRequests !== undefined && asked(inputRequests, capabilities)),
    ...(status === 'completed' && result !== undefined && { result: toolResult(result) }),
    ...(status === 'failed' && error !== undefined && { error: rpcError(error) }),
  };
};

const isDuration = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const asked = (requests: unknown, capabilities: Capabilities): Pick<Task, 'inputRequests'> => {
  if (!isObject(requests) || !Object.values(requests).every(isInputRequest))
    throw refusal('ERR_UPSTREAM_FAILED', 'The backend asked for input by what is no request');
  for (const request of Object.values(requests) as Asked[]) {
    const requiredCapabilities = missingCapability(withParams(request), capabilities);
    if (requiredCapabilities === undefined) continue;
    if (Object.keys(requiredCapabilities).length === 0)
      throw refusal('ERR_UPSTREAM_FAILED', 'The backend asked for what no client can be asked for');
    throw refusal(
      'ERR_CAPABILITY_REQUIRED',
      'This task needs a capability that the client has not declared',
      {
        data: { requiredCapabilities },
      },
    );
  }
  return { inputRequests: requests as Task['inputRequests'] & object };
};

/** `roots/list` has no params. */
type Asked = Pick<InputRequest, 'method'> & Partial<InputRequest>;
const withParams = ({ method, params = {} }: Asked): InputRequest => ({ method, params });

const isInputRequest = (value: unknown): boolean =>
  isObject(value) &&
  typeof value['method'] === 'string' &&
  (value['params'] === undefined || isObject(value['params']));

const toolResult = (value: unknown): Params => {
  if (isObject(value) && isToolResult(value)) return value;
  throw refusal('ERR_UPSTREAM_FAILED', 'The task ended with what is no result of a tool');
};

const rpcError = (value: unknown): NonNullable<Task['error']> => {
  if (isObject(value) && Number.isInteger(value['code']) && typeof value['message'] === 'string')
    return value as unknown as NonNullable<Task['error']>;
  throw refusal('ERR_UPSTREAM_FAILED', 'The task failed with what is no error of the protocol');
};
