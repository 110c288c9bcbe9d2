import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { lastValueFrom } from 'rxjs';
import { GatewayError } from '../../../src/protocol/errors.js';
import { backendCall, repliesOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import { legacyScript, legacyState } from './legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';

const page = '<html>secret-host.internal</html>';

/** What a server may do wrong, and what the message says then. */
const faults: Record<string, [(request: Received) => void, RegExp]> = {
  'an HTML page with 502': [
    ({ response }) => void response.writeHead(502, { 'content-type': 'text/html' }).end(page),
    /502/,
  ],
  'an HTML page with 200': [
    ({ response }) => void response.writeHead(200, { 'content-type': 'text/html' }).end(page),
    /no MCP message/,
  ],
  'no content type': [({ response }) => void response.writeHead(200).end('{}'), /no MCP message/],
  'a body that is no JSON': [
    ({ response }) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":'),
    /no MCP message/,
  ],
  'an empty body': [
    ({ response }) => void response.writeHead(200, { 'content-type': 'application/json' }).end(),
    /no MCP message/,
  ],
  'an event that is no JSON': [
    ({ response }) =>
      void response.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: {"a"\n\n'),
    /no MCP message/,
  ],
  'JSON that is no message': [(request) => request.json({ hello: 1 }), /no message/],
  'the answer to another request': [
    (request) => request.json({ jsonrpc: '2.0', id: 999, result: {} }),
    /another request/,
  ],
  'an id of another type': [
    (request) => request.json({ jsonrpc: '2.0', id: String(request.body.id), result: {} }),
    /another request/,
  ],
  '202 without an answer': [({ response }) => void response.writeHead(202).end(), /no MCP message/],
  'a stream without the answer': [
    ({ response }) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(':\n\n'),
    /before it was complete/,
  ],
  'a result that is none of a tool': [(request) => request.result({ hello: 1 }), /no result of a tool/],
  'content that is no list': [(request) => request.result({ content: 'text' }), /no result of a tool/],
  'an isError that is no boolean': [
    (request) => request.result({ content: [], isError: 'no' }),
    /no result of a tool/,
  ],
  'a result that nests too deeply': [
    ({ body, response }) =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(`{"jsonrpc":"2.0","id":${String(body.id)},"result":{"content":[${nested(600)}]}}`),
    /no MCP message/,
  ],
  'a body beyond the bound': [(request) => request.result({ content: ['x'.repeat(70_000)] }), /too large/],
  'an event beyond the bound': [
    (request) => request.event({ jsonrpc: '2.0', id: request.body.id, result: { x: 'x'.repeat(200_000) } }),
    /too large/,
  ],
  'a connection cut in the middle': [
    ({ response }) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"jsonrpc"');
      response.socket?.destroySoon();
    },
    /closed the connection/,
  ],
  'a redirect': [
    ({ response }) => void response.writeHead(307, { location: 'http://10.0.0.1/' }).end(),
    /redirects/,
  ],
  '401': [({ response }) => void response.writeHead(401).end(), /refused the gateway's credential/],
  '403': [({ response }) => void response.writeHead(403).end(page), /refused the gateway's credential/],
};

/** An array in an array, and so on. */
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

describe('mcpBackend with a misbehaving server', () => {
  let server: ScriptedServer;
  let script: (request: Received) => void;

  for (const protocol of ['modern', 'legacy'] as const)
    describe(`of the ${protocol} era`, () => {
      beforeEach(async () => {
        const state = legacyState();
        server = await scriptedServer(
          (request) => (protocol === 'legacy' && legacyScript(request, state)) || script(request),
        );
      });
      afterEach(async () => {
        await disconnectAll();
        await server.close();
      });

      for (const [name, [fault, message]] of Object.entries(faults))
        it(`fails clearly: ${name}`, async () => {
          script = fault;
          const backend = connectMcp(server.url, { protocol, maxMessageBytes: 64 * 1024 });
          const error = await repliesOf(backend, backendCall('a')).then(
            () => assert.fail('it was answered'),
            (reason: unknown) => reason as GatewayError,
          );
          assert.ok(error instanceof GatewayError);
          assert.equal(error.code, name.includes('bound') ? 'ERR_UPSTREAM_TOO_LARGE' : 'ERR_UPSTREAM_FAILED');
          assert.match(error.message, message);
          assert.doesNotMatch(JSON.stringify(error.toJsonRpc()), /secret|127\.0\.0\.1|10\.0\.0\.1/);
          // The next call is served as if nothing had been.
          script = (request) => request.result({ content: [] });
          assert.equal((await repliesOf(backend, backendCall('a')))[0]?.kind, 'result');
        });

      it('passes on when it may be tried again', async () => {
        script = ({ response }) => void response.writeHead(429, { 'retry-after': '7' }).end();
        await assert.rejects(repliesOf(connectMcp(server.url, { protocol }), backendCall('a')), {
          code: 'ERR_UPSTREAM_BUSY',
          data: { retryAfterMs: 7000 },
        });
      });
    });

  it('is unreachable where nobody listens', async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    await once(probe, 'close');
    for (const protocol of ['auto', 'modern', 'legacy'] as const) {
      const backend = connectMcp(`http://127.0.0.1:${port}/mcp`, { protocol });
      await assert.rejects(repliesOf(backend, backendCall('a')), { code: 'ERR_UPSTREAM_UNREACHABLE' });
      await assert.rejects(lastValueFrom(backend.offer()), { code: 'ERR_UPSTREAM_UNREACHABLE' });
    }
    await disconnectAll();
  });

  it('refuses a URL it can not speak to', () => {
    assert.throws(() => connectMcp('ftp://127.0.0.1/'), /http/);
  });
});
