import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import * as z from 'zod';
import type { Offer } from '../../../src/streams/backend.js';
import { startEverythingServer } from '../../fixtures/everythingServer/startEverythingServer.js';
import { eventually } from '../../support/eventually.js';
import { within } from '../../support/within.js';
import { backendCall, repliesOf, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';

const toolOf = (offer: Offer, name: string) => {
  const tool = offer.tools.find((candidate) => candidate.name === name);
  return { ...(tool === undefined ? {} : { tool }), params: { name, arguments: {} } };
};

describe('mcpBackend with the official SDK', () => {
  let server: { close(): Promise<unknown> } | undefined;
  afterEach(async () => {
    await disconnectAll();
    await server?.close();
    server = undefined;
  });
  const serving = <S extends NonNullable<typeof server>>(started: S): S => {
    server = started;
    return started;
  };

  for (const [era, protocol, revision] of [
    ['dual', 'auto', '2026-07-28'],
    ['modern', 'auto', '2026-07-28'],
    ['legacy', 'auto', '2025-11-25'],
    ['dual', 'legacy', '2025-11-25'],
  ] as const)
    it(`speaks ${protocol} with a v2 server of ${era === 'dual' ? 'both eras' : `the ${era} era`}`, async () => {
      const { url } = serving(await startEverythingServer({ era }));
      const backend = connectMcp(url, { protocol });
      const offer = await lastValueFrom(backend.offer());
      assert.equal(offer.revision, revision);
      assert.equal(offer.serverInfo?.name, 'everything');
      assert.ok(offer.tools.length > 15 && offer.resources.length > 1);
      assert.ok(offer.resourceTemplates.length > 0 && offer.prompts.length > 1);
      assert.deepEqual(offer.warnings, []);

      const progress = await repliesOf(
        backend,
        backendCall('', { ...toolOf(offer, 'test_tool_with_progress'), progress: true }),
      );
      assert.deepEqual(
        progress.map((reply) => (reply.kind === 'notification' ? reply.params['progress'] : reply.kind)),
        [0, 50, 100, 'result'],
      );

      const mirrored = backendCall('', {
        ...toolOf(offer, 'test_x_mcp_header'),
        params: { name: 'test_x_mcp_header', arguments: { region: 'zürich', level: 3 } },
      });
      const [answer] = await repliesOf(backend, mirrored);
      assert.equal(answer?.kind, 'result', JSON.stringify(answer));

      const read = backendCall('', { method: 'resources/read', params: { uri: 'test://static-text' } });
      assert.equal((await repliesOf(backend, read))[0]?.kind, 'result');
      const prompt = backendCall('', { method: 'prompts/get', params: { name: 'test_simple_prompt' } });
      assert.equal((await repliesOf(backend, prompt))[0]?.kind, 'result');
      const unknown = await repliesOf(backend, backendCall('no_such_tool'));
      assert.equal(unknown.at(-1)?.kind === 'error' || unknown.at(-1)?.kind === 'result', true);
    });

  it('opens a new session when a v2 server has forgotten the old one', async () => {
    const { url, forgetSessions } = serving(await startEverythingServer({ era: 'legacy' }));
    const backend = connectMcp(url);
    const offer = await lastValueFrom(backend.offer());
    forgetSessions();
    const call = backendCall('', { ...toolOf(offer, 'test_simple_text'), repeatable: true });
    assert.match(textOf((await repliesOf(backend, call)).at(-1)), /simple text/);
  });

  it('speaks with a v1 server: session, list changes on its own stream, cancel', async () => {
    const v1 = serving(await startV1Server());
    const backend = connectMcp(v1.url);
    const offer = await lastValueFrom(backend.offer());
    assert.deepEqual([offer.revision, offer.tools.map(({ name }) => name)], ['2025-11-25', ['echo', 'hang']]);
    const params = { name: 'echo', arguments: { text: 'hello' } };
    assert.equal(textOf((await repliesOf(backend, backendCall('', { params }))).at(-1)), 'hello');

    await eventually(8000, 'the stream of the session', () => v1.streams() === 1);
    const changed = firstValueFrom(backend.changed$);
    v1.addTool();
    await within(8000, 'the news', changed);
    assert.equal((await lastValueFrom(backend.offer())).tools.length, 3);

    const subscription = backend.invoke(backendCall('hang')).subscribe();
    await within(8000, 'the call', v1.hanging);
    subscription.unsubscribe();
    await within(8000, 'the cancel', v1.cancelled);
    await disconnectAll();
    await eventually(8000, 'the end of the session', () => v1.sessions() === 0);
  });
});

/** A server with the v1 SDK as its documentation shows it: one transport a session, SSE answers. */
const startV1Server = async () => {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  const servers: McpServer[] = [];
  let streams = 0;
  let hung = (): void => undefined;
  let wasCancelled = (): void => undefined;
  const hanging = new Promise<void>((resolve) => (hung = resolve));
  const cancelled = new Promise<void>((resolve) => (wasCancelled = resolve));

  const open = async (): Promise<StreamableHTTPServerTransport> => {
    const mcp = new McpServer({ name: 'v1', version: '1' });
    mcp.registerTool('echo', { inputSchema: { text: z.string() } }, ({ text }) => ({
      content: [{ type: 'text' as const, text }],
    }));
    mcp.registerTool('hang', {}, (extra) => {
      hung();
      return new Promise<never>((_resolve, reject) =>
        extra.signal.addEventListener('abort', () => {
          wasCancelled();
          reject(new Error('cancelled'));
        }),
      );
    });
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
    });
    await mcp.connect(transport);
    servers.push(mcp);
    return transport;
  };
  const http = createServer((request, response) => {
    if (request.method === 'GET') streams++;
    const known = transports.get(String(request.headers['mcp-session-id']));
    void (known === undefined ? open() : Promise.resolve(known)).then((transport) =>
      transport.handleRequest(request, response),
    );
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    hanging,
    cancelled,
    sessions: () => transports.size,
    streams: () => streams,
    addTool() {
      for (const mcp of servers) if (mcp.isConnected()) mcp.registerTool('late', {}, () => ({ content: [] }));
    },
    async close() {
      await Promise.all(servers.map((mcp) => mcp.close()));
      http.close();
      http.closeAllConnections();
      await once(http, 'close');
    },
  };
};
