import assert from 'node:assert/strict';
import type { Backend } from '../../../src/streams/backend.js';
import { GatewayError } from '../../../src/protocol/errors.js';
import { within } from '../../support/within.js';
import { backendCall, repliesOf, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import type { Received } from './scriptedServer.js';
import { sseServer, type SseScript, type SseServer } from './sseServer.js';

const ok = { content: [{ type: 'text', text: 'ok' }] };
const isCall = ({ body }: Received): boolean => body.method === 'tools/call';

describe('mcpBackend over HTTP+SSE, when something breaks', () => {
  let server: SseServer;
  let script: SseScript;
  let backend: Backend;

  const connect = (): Backend => connectMcp(server.url, { protocol: 'sse', maxMessageBytes: 64 * 1024 });
  beforeEach(async () => {
    script = { message: (body, stream) => stream.result(body, ok) };
    server = await sseServer(script);
    backend = connect();
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  /** A call that is under way at the server. */
  const hanging = async (overrides = {}): Promise<{ readonly failed: Promise<unknown> }> => {
    script.message = () => undefined;
    const failed = repliesOf(backend, backendCall('hang', overrides));
    failed.catch(() => undefined);
    await server.next('the call', isCall);
    return { failed };
  };

  for (const [what, overrides] of [
    ['the shared stream', {}],
    ["a call's own stream", { progress: true }],
  ] as const)
    it(`fails what is under way when ${what} is cut, and opens another for the next call`, async () => {
      const { failed } = await hanging(overrides);
      for (const stream of server.streams) stream.cut();
      await assert.rejects(failed, { code: 'ERR_UPSTREAM_FAILED' });
      script.message = (body, stream) => stream.result(body, ok);
      assert.equal(textOf((await repliesOf(backend, backendCall('a', overrides))).at(-1)), 'ok');
      assert.equal(server.opened, 2);
    });

  it('says that a server is unreachable when it is not there, or cuts every stream before a call is sent', async () => {
    const { port } = server;
    await server.close();
    await assert.rejects(repliesOf(backend, backendCall('a')), { code: 'ERR_UPSTREAM_UNREACHABLE' });
    server = await sseServer(script, '/sse', port);
    script.open = ({ response }) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      setImmediate(() => response.destroy());
      return true;
    };
    await assert.rejects(repliesOf(backend, backendCall('a')), { code: 'ERR_UPSTREAM_UNREACHABLE' });
    delete script.open;
    script.post = (request, stream) => {
      if (request.body.method === 'initialize') stream?.cut();
      return request.body.method === 'initialize';
    };
    await assert.rejects(repliesOf(backend, backendCall('a')), { code: 'ERR_UPSTREAM_UNREACHABLE' });
    delete script.post;
    assert.equal(textOf((await repliesOf(backend, backendCall('a')))[0]), 'ok');
  });

  it('sends a call again, once, whose session the server did not know: it was not taken', async () => {
    await repliesOf(backend, backendCall('a'));
    const refusals: [number, string][] = [
      [404, 'Not found'],
      [400, 'No transport found for sessionId'],
    ];
    for (const [status, words] of refusals) {
      let refused = 0;
      script.post = (request) => {
        if (!isCall(request) || refused++ > 0) return false;
        request.response.writeHead(status).end(words);
        return true;
      };
      const before = server.opened;
      assert.equal(textOf((await repliesOf(backend, backendCall('b')))[0]), 'ok');
      assert.equal(server.opened, before + 1);
    }
    script.post = (request) => {
      if (isCall(request)) request.response.writeHead(404).end();
      return isCall(request);
    };
    await assert.rejects(repliesOf(backend, backendCall('c')), { code: 'ERR_UPSTREAM_SESSION_LOST' });
  });

  it('lets a call go on that was taken, when a later one finds the session forgotten', async () => {
    let finishSlow = (): void => assert.fail('the call has not come');
    script.message = (body, stream) => {
      if (body.params?.['name'] === 'slow') finishSlow = () => stream.result(body, ok);
      else stream.result(body, ok);
    };
    const slow = repliesOf(backend, backendCall('slow'));
    await server.next('the call', isCall);
    const first = server.streams[0];
    let refused = 0;
    script.post = (request) => {
      if (!isCall(request) || refused++ > 0) return false;
      request.response.writeHead(404).end();
      return true;
    };
    assert.equal(textOf((await repliesOf(backend, backendCall('b')))[0]), 'ok');
    finishSlow();
    assert.equal(textOf((await slow)[0]), 'ok');
    await within(
      2000,
      'the end of the first stream',
      first?.closed ?? Promise.reject(new Error('no stream')),
    );
    assert.equal(server.streams.length, 1);
  });

  const posts: [string, (request: Received) => void, RegExp][] = [
    ['401', ({ response }) => void response.writeHead(401).end(), /credential/],
    ['429', ({ response }) => void response.writeHead(429, { 'retry-after': '1' }).end(), /no more calls/],
    ['500', ({ response }) => void response.writeHead(500).end('secret-host.internal'), /status 500/],
    [
      'a redirect',
      ({ response }) => void response.writeHead(307, { location: 'http://10.0.0.1/' }).end(),
      /redirects/,
    ],
    ['a cut', ({ response }) => void response.destroy(), /closed the connection/],
  ];
  for (const [what, answer, words] of posts)
    it(`fails a call whose POST is answered with ${what}, and no other`, async () => {
      const { failed: other } = await hanging();
      script.post = (request) => {
        const isOther = isCall(request) && request.body.params?.['name'] === 'b';
        if (isOther) answer(request);
        return isOther;
      };
      await assert.rejects(repliesOf(backend, backendCall('b')), (error) => {
        assert.ok(error instanceof GatewayError);
        assert.equal(error.code, what === '429' ? 'ERR_UPSTREAM_BUSY' : 'ERR_UPSTREAM_FAILED');
        assert.match(error.message, words);
        assert.doesNotMatch(error.message, /127\.0\.0\.1|internal|10\.0/);
        return true;
      });
      assert.equal(server.streams.length, 1);
      server.streams[0]?.cut();
      await assert.rejects(other);
    });

  for (const [what, say, code] of [
    ['an event beyond the bound', JSON.stringify({ x: 'x'.repeat(200_000) }), 'ERR_UPSTREAM_TOO_LARGE'],
    ['an event that is no JSON', '{"jsonrpc', 'ERR_UPSTREAM_FAILED'],
  ] as const)
    it(`gives up a connection that brings ${what}`, async () => {
      const { failed } = await hanging();
      const stream = server.streams[0];
      stream?.request.response.write(`data: ${say}\n\n`);
      await assert.rejects(failed, { code });
      await stream?.closed;
    });

  it('does not trip over comments, other events, strange messages and answers that nobody waits for', async () => {
    script.message = (body, stream) => {
      stream.request.response.write(
        ': ping\n\nevent: other\ndata: {x\n\nevent: endpoint\ndata: /elsewhere\n\n',
      );
      stream.say({ hello: 1 });
      stream.say({ jsonrpc: '2.0', id: 'nobody', result: {} });
      stream.say({ jsonrpc: '2.0', id: 7, method: 'ping' });
      stream.result(body, ok);
    };
    for (const _ of [1, 2]) assert.equal(textOf((await repliesOf(backend, backendCall('a')))[0]), 'ok');
    const pong = await server.next('the pong', ({ body }) => 'result' in body);
    assert.deepEqual(pong.body, { jsonrpc: '2.0', id: 7, result: {} });
  });
});
