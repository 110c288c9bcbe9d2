import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Client } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import WebSocket from 'ws';
import { createGateway } from '../../src/gateway.js';
import type { Gateway } from '../../src/gateway/gateway.js';
import { text } from '../support/mcpTools.js';
import { modernRequest } from '../support/modern.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { within } from '../support/within.js';

/** Starts a host around a gateway; gives its base URL and how it ends. */
type Host = (gateway: Gateway) => Promise<{ readonly url: string; close(): Promise<unknown> }>;

const listening = (server: Server): ReturnType<Host> =>
  new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () =>
      resolve({
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () => new Promise((closed) => server.close(closed).closeAllConnections()),
      }),
    );
  });

const hosts: Readonly<Record<string, Host>> = {
  'node:http': (gateway) =>
    listening(createServer(gateway.listener).on('upgrade', (...args) => gateway.upgrade(...args))),
  Express: (gateway) => {
    const app = express();
    app.use(gateway.listener);
    app.get('/own', (_request, response) => void response.send('own'));
    return listening(createServer(app as RequestListener));
  },
  'Express that parses bodies': (gateway) => {
    const app = express();
    app.use(express.json());
    app.use('/mcp', gateway.listener);
    app.get('/own', (_request, response) => void response.send('own'));
    return listening(createServer(app as RequestListener));
  },
  Fastify: async (gateway) => {
    const app = fastify({ forceCloseConnections: true });
    app.all('/mcp', (request, reply) => {
      reply.hijack();
      gateway.listener(request.raw, reply.raw, request.body);
    });
    app.get('/own', () => 'own');
    return { url: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
  Hono: (gateway) =>
    new Promise((resolve) => {
      const app = new Hono();
      app.all('/mcp', (context) => gateway.fetch(context.req.raw));
      app.get('/own', (context) => context.text('own'));
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve({
          url: `http://127.0.0.1:${port}`,
          close: () => new Promise((closed) => (server as Server).close(closed).closeAllConnections()),
        }),
      );
    }),
};

describe('A gateway in another server', function () {
  this.timeout(20_000);
  let backend: McpBackend;
  let gateway: Gateway;
  before(async () => {
    backend = await startMcpBackend({
      tools: {
        echo: (call) => call.reply(text(String(call.arguments['word']))),
        hang: () => undefined,
        steps: (call) => {
          const { progressToken } = call.meta;
          call.notify('notifications/progress', { progressToken, progress: 1 });
          call.reply(text('done'));
        },
      },
    });
    gateway = createGateway({ servers: { s: { url: backend.url } } });
    await gateway.ready();
  });
  after(async () => {
    await gateway.close();
    await backend.close();
  });

  for (const [name, start] of Object.entries(hosts))
    it(`serves both eras in ${name}, beside the host's own routes`, async () => {
      const host = await start(gateway);
      try {
        const endpoint = new URL('/mcp', host.url);
        const modern = new Client(
          { name: 't', version: '1' },
          { versionNegotiation: { mode: { pin: '2026-07-28' } } },
        );
        await modern.connect(new StreamableHTTPClientTransport(endpoint));
        const answer = await modern.callTool({ name: 's_echo', arguments: { word: 'through' } });
        assert.deepEqual(answer.content, [{ type: 'text', text: 'through' }]);
        await modern.close();
        const legacy = new LegacyClient({ name: 't', version: '1' });
        await legacy.connect(new LegacyTransport(endpoint));
        const steps: number[] = [];
        await legacy.callTool({ name: 's_steps', arguments: {} }, undefined, {
          onprogress: ({ progress }) => void steps.push(progress),
        });
        assert.deepEqual(steps, [1]);
        await legacy.close();
        if (name !== 'node:http') assert.equal(await (await fetch(new URL('/own', host.url))).text(), 'own');
      } finally {
        await host.close();
      }
    });

  it('takes WebSockets that the host hands on', async () => {
    const host = await hosts['node:http']?.(gateway);
    assert.ok(host);
    const socket = new WebSocket(`${host.url.replace('http', 'ws')}/mcp`, 'mcp');
    const answer = new Promise((resolve, reject) => {
      socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString())));
      socket.once('error', reject);
    });
    socket.once('open', () => socket.send(JSON.stringify(modernRequest('ping', {}, { id: 1 }).body)));
    assert.equal(((await within(5000, 'an answer', answer)) as { id: unknown }).id, 1);
    socket.terminate();
    await host.close();
  });

  const call = (name: string, signal?: AbortSignal): Request => {
    const { headers, body } = modernRequest(
      'tools/call',
      { name, arguments: {}, _meta: { progressToken: 'p' } },
      {
        meta: { progressToken: 'p' },
      },
    );
    return new Request('http://localhost/mcp', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(headers as Record<string, string>),
      },
      body: JSON.stringify(body),
      ...(signal !== undefined && { signal }),
    });
  };

  it('streams its answer by Fetch', async () => {
    const response = await gateway.fetch(call('s_steps'));
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const told = await response.text();
    assert.match(told, /notifications\/progress[\s\S]*done/);
  });

  for (const [how, end] of Object.entries({
    'the signal of the request': (response: Response, controller: AbortController) => {
      controller.abort();
      return response.text().catch(() => undefined);
    },
    'cancelling the body': (response: Response) => response.body?.cancel(),
  }))
    it(`cancels the call by ${how}`, async () => {
      const controller = new AbortController();
      const hanging = backend.nextCall('hang');
      const response$ = gateway.fetch(call('s_hang', controller.signal));
      const begun = await within(5000, 'the call', hanging);
      begun.notify('notifications/progress', { progressToken: begun.meta['progressToken'], progress: 1 });
      const response = await within(5000, 'the head', response$);
      await end(response, controller);
      await within(5000, 'the end at the backend', begun.abandoned);
    });

  it('says what is wrong with a configuration', () => {
    assert.throws(
      () => createGateway({ servers: { s: { url: 'not a url' } } }),
      (error: Error) => error.name === 'ConfigError' && error.message.startsWith('configuration:4:'),
    );
  });

  it('answers 403 to a host name that nobody has allowed', async () => {
    const request = call('s_echo');
    const response = await gateway.fetch(new Request('http://elsewhere.example/mcp', request));
    assert.equal(response.status, 403);
  });
});
