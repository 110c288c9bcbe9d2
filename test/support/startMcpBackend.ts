import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { endpointServer } from './endpointServer.js';
import { commonTools, type McpTools, type ToolCall } from './mcpTools.js';
import { toolCall, type BackendMessage, type Running } from './toolCall.js';
import { within } from './within.js';

interface McpBackendOptions {
  /** The era it speaks; a legacy one has sessions and forgets them when it ends. */
  readonly era?: 'modern' | 'legacy';
  /** 0 for any. */
  readonly port?: number;
  readonly tools?: McpTools;
  /** How long its lists stay fresh, in milliseconds (modern era). */
  readonly listTtlMs?: number;
}

/** A native MCP server over real HTTP that tells the test what reaches it. */
export interface McpBackend {
  readonly port: number;
  readonly url: string;
  /** The next call of a tool that has not been handed out yet. */
  nextCall(name: string, ms?: number): Promise<ToolCall>;
  /** How many calls of tools have come. */
  readonly calls: number;
  /** Bytes that were written to all its connections, the kernel's buffers included. */
  readonly bytesWritten: number;
  close(): Promise<void>;
}

const serverInfo = { name: 'test-backend', version: '1' };

/** What an era answers to everything but calls of tools; undefined for a method it does not know. */
type Answers = (message: BackendMessage, tools: McpTools) => Record<string, unknown> | undefined;

const modernAnswers =
  (ttlMs: number): Answers =>
  ({ method }, tools) => {
    const fresh = { resultType: 'complete', ttlMs, cacheScope: 'public' };
    if (method === 'tools/list') return { ...fresh, tools: Object.keys(tools).map(definition) };
    if (method !== 'server/discover') return undefined;
    return { ...fresh, supportedVersions: ['2026-07-28'], capabilities: { tools: {} } };
  };

const legacyAnswers: Answers = ({ method, params }, tools) => {
  if (method === 'tools/list') return { tools: Object.keys(tools).map(definition) };
  if (method === 'ping') return {};
  if (method !== 'initialize') return undefined;
  return { protocolVersion: params?.['protocolVersion'], capabilities: { tools: {} }, serverInfo };
};

/** Only `echo` says that it may be called twice. */
const definition = (name: string) => ({
  name,
  inputSchema: { type: 'object' },
  annotations: { readOnlyHint: name === 'echo' },
});

/** Starts it; call `close` in `after`. */
export const startMcpBackend = async (options: McpBackendOptions = {}): Promise<McpBackend> => {
  const { era = 'modern', tools = commonTools, listTtlMs = 60_000 } = options;
  const answers = era === 'modern' ? modernAnswers(listTtlMs) : legacyAnswers;
  const sessions = new Set<string>();
  const running: Running = new Map();
  const waiting: ToolCall[] = [];
  const events = new EventEmitter();
  let calls = 0;

  const take = (message: BackendMessage, response: ServerResponse): void => {
    const call = toolCall(message, response, running, era === 'modern' ? { resultType: 'complete' } : {});
    const run = tools[call.name];
    if (run === undefined) return fail(response, 200, -32602, `Unknown tool ${call.name}`, call.id);
    calls += 1;
    waiting.push(call);
    events.emit('call');
    run(call);
  };

  /** What is wrong with the session of a request, as HTTP status; undefined when nothing is. */
  const sessionFault = ({ headers }: IncomingMessage, { method }: BackendMessage): number | undefined => {
    if (era === 'modern' || method === 'initialize') return undefined;
    const session = headers['mcp-session-id'];
    if (session === undefined) return 400;
    return sessions.has(String(session)) ? undefined : 404;
  };

  const serve = (request: IncomingMessage, response: ServerResponse, message: BackendMessage): void => {
    const { id, method, params } = message;
    const fault = sessionFault(request, message);
    if (fault !== undefined) return fail(response, fault, fault === 404 ? -32001 : -32000, 'No such session');
    if (id === undefined) {
      if (method === 'notifications/cancelled')
        running.get(params?.['requestId'] as string | number)?.(performance.now());
      return void response.writeHead(202).end();
    }
    if (method === 'tools/call') return take(message, response);
    const result = answers(message, tools);
    if (result === undefined)
      return fail(response, era === 'modern' ? 404 : 200, -32601, `Unknown method ${method}`, id);
    if (method === 'initialize') {
      const session = randomUUID();
      sessions.add(session);
      response.setHeader('mcp-session-id', session);
    }
    json(response, 200, { jsonrpc: '2.0', id, result });
  };

  const server = endpointServer(serve);
  const written = countWritten(server);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const findCall = async (name: string): Promise<ToolCall> => {
    for (;;) {
      const at = waiting.findIndex((call) => call.name === name);
      const [found] = at < 0 ? [] : waiting.splice(at, 1);
      if (found !== undefined) return found;
      await once(events, 'call');
    }
  };

  return {
    port,
    url: `http://127.0.0.1:${port}/mcp`,
    get calls() {
      return calls;
    },
    get bytesWritten() {
      return written();
    },
    nextCall: (name, ms = 5000) => within(ms, `a call of ${name}`, findCall(name)),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

/** Counts the bytes that all connections of a server have been given so far. */
const countWritten = (server: Server): (() => number) => {
  const sockets = new Set<Socket>();
  let closed = 0;
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => {
      closed += socket.bytesWritten;
      sockets.delete(socket);
    });
  });
  return () => [...sockets].reduce((sum, socket) => sum + socket.bytesWritten, closed);
};

const fail = (
  response: ServerResponse,
  status: number,
  code: number,
  message: string,
  id?: string | number,
): void =>
  json(response, status, { jsonrpc: '2.0', ...(id !== undefined && { id }), error: { code, message } });

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
};
