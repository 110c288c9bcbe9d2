import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node';
import { McpServer } from '@modelcontextprotocol/server';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

/** An official MCP server that counts: what it sends is numbered, so that what is missing or twice can be seen. */
export interface CountingServer {
  readonly url: string;
  /** How often the tool `count` was called. */
  readonly counts: number;
  /** Has another tool, `version_n`, instead of `version_(n-1)`, and says so. */
  change(): number;
  close(): Promise<void>;
}

interface Connected {
  readonly transport: NodeStreamableHTTPServerTransport;
  readonly server: McpServer;
  show(version: number): void;
}

/** Starts it on loopback: of the 2025 era, with a session for each of its clients. */
export const startCountingServer = async (): Promise<CountingServer> => {
  const sessions = new Map<string, Connected>();
  let version = 0;
  let counts = 0;
  const connected = async (): Promise<Connected> => {
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void sessions.set(id, own),
      onsessionclosed: (id) => void sessions.delete(id),
    });
    const server = new McpServer({ name: 'counting', version: '1' });
    server.registerTool(
      'count',
      { inputSchema: z.object({ to: z.number(), everyMs: z.number() }) },
      async ({ to, everyMs }, { mcpReq }) => {
        counts++;
        const progressToken = mcpReq._meta?.progressToken;
        for (let progress = 1; progress <= to && progressToken !== undefined; progress++) {
          await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress } });
          // The pace of the work that it stands for.
          await delay(everyMs);
        }
        return { content: [{ type: 'text', text: String(to) }] };
      },
    );
    const versionTool = (): { remove(): void } =>
      server.registerTool(`version_${version}`, { inputSchema: z.object({}) }, () => ({ content: [] }));
    let shown = versionTool();
    const own: Connected = {
      transport,
      server,
      show() {
        shown.remove();
        shown = versionTool();
      },
    };
    await server.connect(transport);
    return own;
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && known === undefined) {
      response.writeHead(404).end();
      return;
    }
    await (known ?? (await connected())).transport.handleRequest(request, response);
  };
  const http = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    get counts() {
      return counts;
    },
    change() {
      version++;
      for (const each of sessions.values()) each.show(version);
      return version;
    },
    async close() {
      await Promise.all([...sessions.values()].map(({ server }) => server.close()));
      const closed = once(http, 'close');
      http.close();
      http.closeAllConnections();
      await closed;
    },
  };
};
