/** The MCP nouns a gateway handles, as far as it has to know them. Unknown keys are kept (fidelity). */
import type { Params, Result } from './jsonrpc.js';

/** Log levels of RFC 5424, in rising order, as in `notifications/message`. */
export const logLevels = [
  'debug',
  'info',
  'notice',
  'warning',
  'error',
  'critical',
  'alert',
  'emergency',
] as const;
export type LogLevel = (typeof logLevels)[number];

/** Keys of `_meta` that the protocol reserves and every hop writes anew (2026-07-28, 3.2). */
export const metaKeys = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** `Implementation`: who a client or server says it is. Unverified: shown and logged, never believed. */
export interface Implementation {
  readonly name: string;
  readonly version: string;
  readonly [key: string]: unknown;
}

/** Capabilities of either side, kept as they came. */
export type Capabilities = Readonly<Record<string, unknown>>;

export interface ToolAnnotations {
  readonly title?: string;
  readonly readOnlyHint?: boolean;
  readonly destructiveHint?: boolean;
  readonly idempotentHint?: boolean;
  readonly openWorldHint?: boolean;
}

/** A tool as `tools/list` shows it; schemas stay verbatim. */
export interface ToolDefinition {
  readonly name: string;
  readonly description?: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: unknown;
  readonly annotations?: ToolAnnotations;
  readonly [key: string]: unknown;
}

export interface ResourceDefinition {
  readonly uri: string;
  readonly name: string;
  readonly [key: string]: unknown;
}

export interface ResourceTemplateDefinition {
  readonly uriTemplate: string;
  readonly name: string;
  readonly [key: string]: unknown;
}

export interface PromptDefinition {
  readonly name: string;
  readonly [key: string]: unknown;
}

/** The result of `tools/call`. */
export interface CallToolResult extends Result {
  readonly content: readonly Readonly<Record<string, unknown>>[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean;
}

/** A tool may be called again without harm: it reads only, or calling twice is like calling once. */
export const isRepeatable = (tool: ToolDefinition): boolean =>
  tool.annotations?.readOnlyHint === true || tool.annotations?.idempotentHint === true;

/** The `_meta` object of a request's params or of a result; an empty one where there is none. */
export const metaOf = (holder: Params | Result | undefined): Readonly<Record<string, unknown>> => {
  const meta = holder?.['_meta'];
  return typeof meta === 'object' && meta !== null ? (meta as Record<string, unknown>) : noMeta;
};
const noMeta: Readonly<Record<string, unknown>> = Object.freeze({});
