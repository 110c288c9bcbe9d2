/**
 * Tasks: calls whose result is fetched later. Two forms that share no wire format: the experimental part of revision 2025-11-25,
 * and the extension `io.modelcontextprotocol/tasks` of revision 2026-07-28 (SEP-2663). Inside the gateway a task looks as in the
 * extension; revisions and codecs translate.
 */
import { refusal } from './errors.js';
import { isObject, type JsonRpcError, type Params, type Result } from './jsonrpc.js';
import type { InputRequest } from './input.js';
import type { Capabilities, ToolDefinition } from './mcp.js';

/** The extension's id in the capabilities of either side. */
export const tasksExtension = 'io.modelcontextprotocol/tasks';

/** Key of `_meta` that names the task a message belongs to (2025-11-25). */
export const relatedTaskKey = 'io.modelcontextprotocol/related-task';

/** How a task comes about: the client declares the extension and the server decides, or the client asks with `params.task`. */
export type TaskForm = 'declared' | 'requested';

/** Methods about one task. `tasks/update` is of the extension only, `tasks/result` of 2025-11-25 only. */
export const taskMethods = ['tasks/get', 'tasks/update', 'tasks/cancel', 'tasks/result'] as const;
export type TaskMethod = (typeof taskMethods)[number];

export type TaskStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** A task in the extension's form. Unknown keys are kept. */
export interface Task extends Result {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly statusMessage?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly lastUpdatedAt: string;
  /** How long after its creation it is kept, in milliseconds; null for as long as the server likes. */
  readonly ttlMs: number | null;
  readonly pollIntervalMs?: number;
  /** While `input_required`: what the client is asked for, by keys that are used once. */
  readonly inputRequests?: Readonly<Record<string, InputRequest>>;
  /** Once `completed`: what the call gave, `isError` included. */
  readonly result?: Result;
  /** Once `failed`: the JSON-RPC error of the call. */
  readonly error?: JsonRpcError;
}

/** True for a status that is final. */
export const isEnded = (status: TaskStatus): boolean => status !== 'working' && status !== 'input_required';

/** A value as a task of the extension; undefined if it is none. */
export const asTask = (value: unknown): Task | undefined =>
  isObject(value) && typeof value['taskId'] === 'string' && typeof value['status'] === 'string'
    ? (value as Task)
    : undefined;

/** Whether a result says that the call has become a task. */
export const isTaskCreated = (result: Result): boolean =>
  result['resultType'] === 'task' && asTask(result) !== undefined;

/** Whether a client takes tasks in place of results (the extension's form). */
export const declaresTasks = ({ extensions }: Capabilities): boolean =>
  isObject(extensions) && isObject(extensions[tasksExtension]);

/** What a client is told that has not declared the extension. */
export const tasksUndeclared = () =>
  refusal('ERR_CAPABILITY_REQUIRED', 'This needs the tasks extension, which the client has not declared', {
    data: { requiredCapabilities: { extensions: { [tasksExtension]: {} } } },
  });

/** Which form of tasks a server speaks for tool calls, by its capabilities; undefined for none. */
export const taskFormOf = (capabilities: Capabilities): TaskForm | undefined => {
  if (declaresTasks(capabilities)) return 'declared';
  const { tasks } = capabilities;
  const requests = isObject(tasks) ? tasks['requests'] : undefined;
  const tools = isObject(requests) ? requests['tools'] : undefined;
  return isObject(tools) && isObject(tools['call']) ? 'requested' : undefined;
};

/** `execution.taskSupport` of a tool (2025-11-25). */
export const taskSupportOf = (tool: ToolDefinition | undefined): 'forbidden' | 'optional' | 'required' => {
  const execution = tool?.['execution'];
  const support = isObject(execution) ? execution['taskSupport'] : undefined;
  return support === 'optional' || support === 'required' ? support : 'forbidden';
};

/** A task of 2025-11-25 in the extension's form. */
export const fromRequestedForm = ({ ttl, pollInterval, ...rest }: Params): Result => ({
  ...rest,
  ttlMs: typeof ttl === 'number' ? ttl : null,
  ...(typeof pollInterval === 'number' ? { pollIntervalMs: pollInterval } : undefined),
});

/** A task in the form of 2025-11-25, where a tool's own error makes it `failed`, and results are fetched apart. */
export const toRequestedForm = (task: Params): Result => {
  const {
    ttlMs,
    pollIntervalMs,
    inputRequests: _asked,
    result,
    error: _error,
    resultType: _type,
    ...rest
  } = task;
  return {
    ...rest,
    ...(isObject(result) && result['isError'] === true ? { status: 'failed' } : undefined),
    ttl: ttlMs ?? null,
    ...(pollIntervalMs === undefined ? undefined : { pollInterval: pollIntervalMs }),
  };
};
