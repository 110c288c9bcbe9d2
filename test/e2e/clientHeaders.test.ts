import assert from 'node:assert/strict';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { WebSocket } from 'ws';
import { sseServer, type SseServer } from '../backends/mcp/sseServer.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { startCountedService, type CountedService } from '../support/startCountedService.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { tap, type Tap } from '../support/tap.js';

const canary = 'canary-7f3a';

/** What a client, a browser or a proxy in front of the gateway may send; each value can be told from all else. */
const headers: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'authorization',
    'cookie',
    'x-api-key',
    'proxy-authorization',
    'proxy-connection',
    'proxy-authenticate',
    'dpop',
    'x-forwarded-for',
    'x-forwarded-client-cert',
    'x-forwarded-access-token',
    'x-client-cert',
    'x-ssl-cert',
    'ssl-client-cert',
    'forwarded',
    'via',
    'te',
    'trailer',
    'keep-alive',
    'x-amzn-oidc-data',
    'cf-access-jwt-assertion',
    'x-goog-iap-jwt-assertion',
    'x-real-ip',
    'x-request-id',
    'x-custom',
    'user-agent',
    'accept-language',
    'referer',
    'last-event-id',
    'from',
    'traceparent',
    'baggage',
    'mcp-param-tenant',
    'sluice-relay',
  ].map((name) => [name, `${canary}-${name}`]),
);
const credentials = { ...headers, authorization: `Bearer ${canary}`, cookie: `id=${canary}` };

/** Node writes no request with a `Trailer` that has no body. */
const upgrade = Object.fromEntries(Object.entries(credentials).filter(([name]) => name !== 'trailer'));

const servers = ['rest', 'modern', 'legacy', 'sse', 'child'] as const;

describe('what a client sends in headers', () => {
  const taps = new Map<string, Tap>();
  let rest: CountedService;
  let modern: McpBackend;
  let legacy: McpBackend;
  let old: SseServer;
  let gateway: RunningGateway;

  before(async () => {
    process.env['CANARY'] = canary;
    [rest, modern, legacy, old] = await Promise.all([
      startCountedService(),
      startMcpBackend({ era: 'modern' }),
      startMcpBackend({ era: 'legacy' }),
      sseServer({
        message: (body, stream) =>
          stream.result(
            body,
            body.method === 'tools/list'
              ? { tools: [{ name: 'echo', inputSchema: { type: 'object' } }] }
              : { content: [{ type: 'text', text: 'ok' }] },
          ),
      }),
    ]);
    for (const [name, url] of Object.entries({
      rest: rest.url,
      modern: modern.url,
      legacy: legacy.url,
      sse: old.url,
    }))
      taps.set(name, await tap(Number(new URL(url).port)));
    const at = (name: string): string => `http://127.0.0.1:${taps.get(name)?.port}`;
    const witness = fileURLToPath(new URL('../support/stdioWitness.mjs', import.meta.url));
    gateway = await startGateway(`
  rest: { type: rest, url: '${at('rest')}', headers: { x-own: own }, tools: { echo: { path: / } } }
  modern: { url: '${at('modern')}/mcp', protocol: modern, headers: { x-own: own } }
  legacy: { url: '${at('legacy')}/mcp', protocol: legacy, headers: { x-own: own } }
  sse: { url: '${at('sse')}/sse', protocol: sse, headers: { x-own: own } }
  child: { type: stdio, command: '${process.execPath}', args: ['${witness}'] }`);
  });
  after(async () => {
    delete process.env['CANARY'];
    await gateway.close();
    for (const each of taps.values()) await each.close();
    await Promise.all([rest.close(), modern.close(), legacy.close(), old.close()]);
  });

  const toolOf = (server: string): string => `${server}_${server === 'child' ? 'witness' : 'echo'}`;

  /** That the call has arrived, with the server's own credential, and nothing of the client's headers with it. */
  const arrivedClean = (server: string, text: string): void => {
    const seen = taps.get(server)?.sent ?? text;
    assert.match(seen, server === 'child' ? /tools\/call/ : /x-own: own/i);
    if (server !== 'child') assert.match(seen, server === 'rest' ? /GET \/ / : /tools\/call/);
    assert.equal(seen.toLowerCase().includes(canary), false, seen);
  };

  const textOf = (result: unknown): string => {
    const { content, isError } = result as { content: readonly { text: string }[]; isError?: boolean };
    assert.notEqual(isError, true, JSON.stringify(content));
    return content[0]?.text ?? '';
  };

  const initialize = {
    jsonrpc: '2.0',
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  };

  for (const server of servers) {
    it(`stays with the gateway: a client of 2026, to ${server}`, async () => {
      const call = { name: toolOf(server), arguments: {} };
      const answer = await ask(gateway.port, modernRequest('tools/call', call, { headers: credentials }));
      arrivedClean(server, textOf(responseOf(answer).result));
    });

    it(`stays with the gateway: a session of 2025, to ${server}`, async () => {
      const opened = await ask(gateway.port, { headers: credentials, body: initialize });
      const sessionId = opened.headers['mcp-session-id'] ?? '';
      assert.notEqual(sessionId, '');
      const own = { ...credentials, 'mcp-session-id': sessionId, 'mcp-protocol-version': '2025-11-25' };
      const params = { name: toolOf(server), arguments: {} };
      const answer = await ask(gateway.port, {
        headers: own,
        body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params },
      });
      const text = textOf(responseOf(answer).result);
      arrivedClean(server, text);
      assert.equal((taps.get(server)?.sent ?? text).includes(sessionId), false, 'the id of the session');
    });

    it(`stays with the gateway: a WebSocket, to ${server}`, async () => {
      const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/mcp`, ['mcp'], { headers: upgrade });
      await once(socket, 'open');
      const say = async (message: unknown): Promise<{ readonly result?: unknown }> => {
        socket.send(JSON.stringify(message));
        const [answer] = (await once(socket, 'message')) as [Buffer];
        return JSON.parse(answer.toString()) as { readonly result?: unknown };
      };
      await say(initialize);
      socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }));
      const params = { name: toolOf(server), arguments: {} };
      const { result } = await say({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
      const closed = once(socket, 'close');
      socket.close();
      await closed;
      arrivedClean(server, textOf(result));
    });

    it(`stays with the gateway: HTTP+SSE, to ${server}`, async () => {
      const transport = new SSEClientTransport(new URL(`http://127.0.0.1:${gateway.port}/sse`), {
        requestInit: { headers: { authorization: `Bearer ${canary}`, cookie: canary, 'x-custom': canary } },
      });
      const client = new Client({ name: 'test', version: '1' });
      await client.connect(transport);
      const result = await client.callTool({ name: toolOf(server), arguments: {} });
      await client.close();
      arrivedClean(server, textOf(result));
    });
  }
});
