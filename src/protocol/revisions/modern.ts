import { isObject, type JsonRpcError } from '../jsonrpc.js';
import { logLevels, metaKeys, metaOf, type LogLevel } from '../mcp.js';
import { cacheableMethods } from '../methods.js';
import { shapesOf } from '../shapes.js';
import { tasksExtension } from '../tasks.js';
import { extensionShape, isExtensionMethod } from '../tasksShape.js';
import type { Revision } from './revision.js';

/** Revisions without sessions, in which every request describes itself. */
export const modernVersions = ['2026-07-28'] as const;
export type ModernVersion = (typeof modernVersions)[number];

/** Errors of the protocol itself that the specification answers with status 400. */
const badRequestCodes = new Set([-32020, -32021, -32022]);

/** A revision of the 2026 era. Specification: basic, basic/transports/streamable-http. */
export const modern = (version: ModernVersion): Revision => {
  const { methods, check } = shapesOf(version);
  return {
    version,
    sessions: false,
    batches: false,
    leavingCancels: true,
    asksByRequest: false,
    mirrorsArguments: true,
    primesStreams: false,
    strictAccept: false,
    unreadableId: undefined,
    tasks: 'declared',
    taskCapabilities: { extensions: { [tasksExtension]: {} } },
    knows: (method) => methods.has(method) || isExtensionMethod(method),
    check: (message) => (isExtensionMethod(message.method) ? extensionShape(message) : check(message)),
    logLevel: (message) => asLogLevel(metaOf(message.params)[metaKeys.logLevel]),
    capabilities: (message) => {
      const declared = metaOf(message.params)[metaKeys.clientCapabilities];
      return isObject(declared) ? declared : {};
    },
    result: (method, value, server) => {
      // The extension's own methods that change a task say nothing of it (SEP-2663).
      const said = acknowledged.has(method) ? {} : value;
      const out: Record<string, unknown> = { resultType: 'complete', ...said };
      out['_meta'] = { ...metaOf(value), [metaKeys.serverInfo]: server };
      if (cacheableMethods.has(method) && out['resultType'] === 'complete') {
        if (!isTtl(out['ttlMs'])) out['ttlMs'] = 0;
        if (out['cacheScope'] !== 'public') out['cacheScope'] = 'private';
      }
      return out;
    },
    error: toModernError,
    status: (error) => error.facts.http,
    relayedStatus: (error) => (badRequestCodes.has(error.code) ? 400 : 200),
  };
};

const acknowledged = new Set(['tasks/update', 'tasks/cancel']);

const isTtl = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const asLogLevel = (value: unknown): LogLevel | undefined =>
  (logLevels as readonly unknown[]).includes(value) ? (value as LogLevel) : undefined;

/** -32002 must not be sent in this era: a missing resource is -32602 whose data names the `uri`. */
const toModernError = (_method: string, error: JsonRpcError): JsonRpcError =>
  error.code === -32002 ? { ...error, code: -32602, data: isObject(error.data) ? error.data : {} } : error;
