import { isObject, type JsonRpcError, type Result } from '../jsonrpc.js';
import { legacyTool } from '../legacyTool.js';
import { metaKeys } from '../mcp.js';
import { shapesOf } from '../shapes.js';
import { isTaskCreated, toRequestedForm } from '../tasks.js';
import type { Revision } from './revision.js';

/** Revisions with `initialize` and sessions, the newest first: what a client that asks for an unknown one is offered. */
export const legacyVersions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const;
export type LegacyVersion = (typeof legacyVersions)[number];

/** The oldest revisions have no schema of their own within reach; what clients send in them is a subset of 2025-03-26. */
const schemaOf = (version: LegacyVersion): string => (version < '2025-03-26' ? '2025-03-26' : version);

/** Methods whose result is a tool's. */
const carriesContent = new Set(['tools/call', 'tasks/result']);

/** Fields that only a 2026-era result has. */
const modernFields = new Set(['resultType', 'ttlMs', 'cacheScope']);

/**
 * A revision of the 2025 era (2024-10-07 to 2025-11-25).
 *
 * Specification: basic/lifecycle, basic/transports of the revision.
 */
export const legacy = (version: LegacyVersion): Revision => {
  const { methods, check } = shapesOf(schemaOf(version));
  return {
    version,
    sessions: true,
    batches: version <= '2025-03-26',
    leavingCancels: false,
    asksByRequest: true,
    mirrorsArguments: false,
    primesStreams: version >= '2025-11-25',
    strictAccept: true,
    unreadableId: null,
    tasks: version >= '2025-11-25' ? 'requested' : undefined,
    taskCapabilities: version >= '2025-11-25' ? { tasks: requestedTasks } : {},
    knows: (method) => methods.has(method),
    check,
    logLevel: () => undefined,
    capabilities: () => undefined,
    result: (method, value) => withoutModernFields(method, inRequestedForm(method, value)),
    error: toLegacyError,
    // An unknown method is an ordinary answer here; 404 would mean that the session is gone.
    status: (error) => (error.code === 'ERR_METHOD_UNKNOWN' ? 200 : error.facts.http),
    relayedStatus: () => 200,
  };
};

const requestedTasks = { list: {}, cancel: {}, requests: { tools: { call: {} } } };

/** Tasks as clients of this era know them; no other result is touched. */
const inRequestedForm = (method: string, value: Result): Result => {
  if (method === 'tasks/get' || method === 'tasks/cancel') return toRequestedForm(value);
  if (method === 'tools/call' && isTaskCreated(value)) {
    const { _meta, ...task } = value;
    return { task: toRequestedForm(task), ...(_meta === undefined ? undefined : { _meta }) };
  }
  return value;
};

const resourceMethods = new Set(['resources/read', 'resources/subscribe']);

/** -32602 with a `uri` is how 2026-era servers say "no such resource"; clients of this era look for -32002. */
const toLegacyError = (method: string, error: JsonRpcError): JsonRpcError =>
  resourceMethods.has(method) && error.code === -32602 && isObject(error.data) && 'uri' in error.data
    ? { ...error, code: -32002 }
    : error;

const withoutModernFields = (method: string, value: Result): Result => {
  let out: Record<string, unknown> | undefined;
  for (const key in value) {
    if (!modernFields.has(key)) continue;
    out ??= { ...value };
    delete out[key];
  }
  const meta = value['_meta'];
  if (isObject(meta) && metaKeys.serverInfo in meta) {
    out ??= { ...value };
    const { [metaKeys.serverInfo]: _ours, ...rest } = meta;
    if (Object.keys(rest).length > 0) out['_meta'] = rest;
    else delete out['_meta'];
  }
  if (carriesContent.has(method) && 'structuredContent' in value) return withReadableContent(out ?? value);
  if (method === 'tools/list' && Array.isArray(value['tools'])) return withReadableTools(out ?? value);
  return out ?? value;
};

/** Here structured content is an object; what it says stands in the text block beside it, which there has to be. */
const withReadableContent = (value: Result): Result => {
  const { structuredContent, ...rest } = value;
  const { content } = value;
  const isReadable = isObject(structuredContent);
  const says = Array.isArray(content) && (isReadable || content.length > 0);
  if (isReadable && says) return value;
  return {
    ...(isReadable ? value : rest),
    ...(says ? undefined : { content: [{ type: 'text', text: JSON.stringify(structuredContent) }] }),
  };
};

const withReadableTools = (value: Result): Result => {
  const tools = value['tools'] as readonly unknown[];
  const readable = tools.map((tool) => (isObject(tool) ? legacyTool(tool) : tool));
  return readable.every((tool, at) => tool === tools[at]) ? value : { ...value, tools: readable };
};
