import { NodeStreamableHTTPServerTransport, toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { paceMs, work, type Did, type Handler, type Work } from './backend.js';

/** The work as tools of an official server; a streamed answer is progress before the result. */
const workServer = (did: Did): McpServer => {
  const server = new McpServer({ name: 'work', version: '1' }, { capabilities: { tools: {} } });
  for (const [what, { repeatable, parts }] of Object.entries(work))
    server.registerTool(
      what,
      { inputSchema: z.object({ key: z.string() }), annotations: { readOnlyHint: repeatable } },
      async ({ key }, { mcpReq }) => {
        did(what as Work, key);
        const progressToken = mcpReq._meta?.progressToken;
        for (let progress = 1; progress <= parts && progressToken !== undefined; progress++) {
          await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
          await delay(paceMs);
        }
        return { content: [{ type: 'text', text: `done ${key}` }] };
      },
    );
  return server;
};

/** A server of the 2025 era, with sessions that end with the process. */
export const legacyHandler = (did: Did): Handler => {
  const sessions = new Map<string, NodeStreamableHTTPServerTransport>();
  const open = async (): Promise<NodeStreamableHTTPServerTransport> => {
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    await workServer(did).connect(transport);
    return transport;
  };
  return async (request, response, body) => {
    const id = request.headers['mcp-session-id'];
    const json = body === '' ? undefined : (JSON.parse(body) as { method?: string });
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (known !== undefined) return known.handleRequest(request, response, json);
    if (id === undefined && json?.method === 'initialize')
      return (await open()).handleRequest(request, response, json);
    const [status, message] = id === undefined ? [400, 'A session is required'] : [404, 'Session not found'];
    return response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32001, message } }));
  };
};

/** A server of the 2026 era. */
export const modernHandler = (did: Did): Handler => {
  const handle = toNodeHandler(createMcpHandler(() => workServer(did), { legacy: 'reject' }));
  return (request, response, body) =>
    handle(
      request as IncomingMessage & { method: string; url: string },
      response,
      body === '' ? undefined : (JSON.parse(body) as unknown),
    );
};
