import assert from 'node:assert/strict';
import { lastValueFrom, toArray } from 'rxjs';
import type { RestServerSettings, RestToolSettings } from '../../../src/config/settings.js';
import type { CallToolResult } from '../../../src/protocol/mcp.js';
import { restBackend } from '../../../src/sources/backends/rest/restBackend.js';
import type { Backend, BackendCall } from '../../../src/streams/backend.js';
import { silent } from '../../../src/streams/log.js';
import type { Reply } from '../../../src/streams/reply.js';
import { alwaysOpen } from '../../../src/streams/valve.js';

/** A tool of the settings; a GET of `/` with any arguments unless it says otherwise. */
export const tool = (settings: Partial<RestToolSettings> = {}): RestToolSettings => ({
  name: 'it',
  method: 'GET',
  path: '/',
  inputSchema: { type: 'object' },
  streaming: false,
  ...settings,
});

/** Settings of a REST server. */
export const server = (settings: Partial<RestServerSettings> = {}): RestServerSettings => ({
  type: 'rest',
  name: 'shop',
  prefix: 'shop',
  timeoutMs: 1000,
  listTimeoutMs: 1000,
  exclude: [],
  urls: [],
  strategy: 'failover',
  headers: {},
  tools: [],
  ...settings,
});

export interface Made {
  readonly settings?: Partial<RestServerSettings>;
  readonly maxResponseBytes?: number;
}

/** A backend at `url` with these tools. */
export const backendAt = (
  url: string,
  tools: readonly RestToolSettings[],
  { settings = {}, ...options }: Made = {},
): Backend => restBackend({ settings: server({ tools, ...settings }), url, log: silent, ...options });

/** A call of tool `name`. */
export const callOf = (
  values: Readonly<Record<string, unknown>> = {},
  call: Partial<BackendCall> = {},
  name = 'it',
): BackendCall => ({
  method: 'tools/call',
  params: { name, arguments: values },
  repeatable: false,
  progress: false,
  logLevel: undefined,
  capabilities: {},
  principalId: 'anonymous',
  valve: alwaysOpen,
  ...call,
});

/** All replies of a call. */
export const repliesOf = (backend: Backend, call: BackendCall): Promise<Reply[]> =>
  lastValueFrom(backend.invoke(call).pipe(toArray()));

/** The result of a call that gives one and nothing else. */
export const resultOf = async (backend: Backend, call: BackendCall = callOf()): Promise<CallToolResult> => {
  const [reply, ...more] = await repliesOf(backend, call);
  assert.deepEqual(more, []);
  assert.ok(reply?.kind === 'result');
  return reply.result as CallToolResult;
};

/** The text of a result's first block. */
export const textOf = ({ content }: CallToolResult): string => String(content[0]?.['text']);
