import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Backend } from '../../../src/streams/backend.js';
import { eventually } from '../../support/eventually.js';
import { backendCall, repliesOf, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import type { Received } from './scriptedServer.js';
import { sseServer, type SseScript, type SseServer } from './sseServer.js';

const ok = { content: [{ type: 'text', text: 'ok' }] };

describe('mcpBackend over HTTP+SSE, opening a connection', () => {
  let server: SseServer;
  let script: SseScript;
  let backend: Backend;

  beforeEach(async () => {
    script = { message: (body, stream) => stream.result(body, ok) };
    server = await sseServer(script);
    backend = connectMcp(server.url, { protocol: 'sse' });
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  const streams: [string, (request: Received) => void, string, RegExp][] = [
    ['401', ({ response }) => void response.writeHead(401).end(), 'ERR_UPSTREAM_FAILED', /credential/],
    ['503', ({ response }) => void response.writeHead(503).end(), 'ERR_UPSTREAM_FAILED', /503/],
    ['404', ({ response }) => void response.writeHead(404).end(), 'ERR_UPSTREAM_FAILED', /HTTP\+SSE/],
    [
      'JSON',
      (request) => request.json({ jsonrpc: '2.0', id: 1, result: {} }),
      'ERR_UPSTREAM_FAILED',
      /HTTP\+SSE/,
    ],
    [
      'HTML',
      ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'),
      'ERR_UPSTREAM_FAILED',
      /HTTP\+SSE/,
    ],
  ];
  for (const [what, answer, code, message] of streams)
    it(`fails when the stream is answered with ${what}`, async () => {
      script.open = (request) => {
        answer(request);
        return true;
      };
      await assert.rejects(repliesOf(backend, backendCall('a')), { code, message });
    });

  it('gives up a stream that does not name its endpoint', async function () {
    this.timeout(10_000);
    script.open = ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      return true;
    };
    await assert.rejects(repliesOf(backend, backendCall('a')), { message: /HTTP\+SSE/ });
  });

  describe('the endpoint', () => {
    for (const [what, endpoint] of [
      ['relative', (id: string) => `messages?sessionId=${id}`],
      ['absolute', (id: string) => `http://127.0.0.1:${server.port}/messages?sessionId=${id}`],
    ] as const)
      it(`may be ${what}`, async () => {
        script.endpoint = endpoint;
        assert.equal(textOf((await repliesOf(backend, backendCall('a')))[0]), 'ok');
      });

    it('of another origin is refused: nothing is sent there', async () => {
      let asked = 0;
      const other = createServer((_request, response) => {
        asked++;
        response.end();
      }).listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      for (const endpoint of [
        `http://127.0.0.1:${port}/`,
        `//127.0.0.1:${port}/`,
        `http://localhost:${server.port}/`,
      ]) {
        script.endpoint = () => endpoint;
        await assert.rejects(repliesOf(backend, backendCall('a')), {
          code: 'ERR_UPSTREAM_FAILED',
          message: 'The backend names an endpoint of another origin',
        });
      }
      assert.equal(asked, 0);
      assert.ok(!server.methods().includes('initialize'));
      other.close();
      other.closeAllConnections();
    });
  });

  it('fails when the session is refused', async () => {
    script.post = (request) => {
      request.response.writeHead(404).end();
      return true;
    };
    await assert.rejects(repliesOf(backend, backendCall('a')), { message: /refused to open a session/ });
    script.post = (request, stream) => {
      request.response.writeHead(202).end();
      stream?.say({ jsonrpc: '2.0', id: request.body.id, error: { code: -32602, message: 'no' } });
      return true;
    };
    await assert.rejects(repliesOf(backend, backendCall('a')), { message: /refused to open a session/ });
    await eventually(2000, 'no stream left', () => server.streams.length === 0);
  });
});
