import assert from 'node:assert/strict';
import { lastValueFrom } from 'rxjs';
import { startEverythingServer } from '../../fixtures/everythingServer/startEverythingServer.js';
import { eventually } from '../../support/eventually.js';
import { backendCall, repliesOf, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import { legacyScript, legacyState } from './legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';
import { sseServer, type SseScript, type SseServer } from './sseServer.js';

const ok = { content: [{ type: 'text', text: 'ok' }] };
const answer: SseScript['message'] = (body, stream) => stream.result(body, ok);

describe('mcpBackend finding out whether a server speaks HTTP+SSE', () => {
  const servers: (SseServer | ScriptedServer)[] = [];
  const start = async <T extends SseServer | ScriptedServer>(starting: Promise<T>): Promise<T> => {
    const server = await starting;
    servers.push(server);
    return server;
  };
  afterEach(async () => {
    await disconnectAll();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  for (const elsewhere of [400, 404, 405]) {
    it(`asks as a modern and as a legacy client first; both POSTs are answered with ${elsewhere}`, async () => {
      const server = await start(sseServer({ elsewhere, message: answer }, '/mcp'));
      const backend = connectMcp(server.url);
      for (const _ of [1, 2]) assert.equal(textOf((await repliesOf(backend, backendCall('a')))[0]), 'ok');
      assert.deepEqual(server.methods(), [
        'server/discover',
        'initialize',
        'GET',
        'initialize',
        'notifications/initialized',
        'tools/call',
        'tools/call',
      ]);
    });

    it(`does not ask as a legacy client at an address that ends in /sse and answers ${elsewhere}`, async () => {
      const server = await start(sseServer({ elsewhere, message: answer }, '/api/sse'));
      await repliesOf(connectMcp(server.url), backendCall('a'));
      assert.deepEqual(server.methods().slice(0, 3), ['server/discover', 'GET', 'initialize']);
    });
  }

  it('asks nothing when it is told', async () => {
    const server = await start(sseServer({ message: answer }));
    await repliesOf(connectMcp(server.url, { protocol: 'sse' }), backendCall('a'));
    assert.deepEqual(server.methods().slice(0, 2), ['GET', 'initialize']);
  });

  for (const status of [401, 403, 500, 503])
    it(`takes ${status} for no evidence`, async () => {
      const server = await start(sseServer({ elsewhere: status, message: answer }));
      await assert.rejects(repliesOf(connectMcp(server.url), backendCall('a')), {
        code: 'ERR_UPSTREAM_FAILED',
      });
      assert.deepEqual(server.methods(), ['server/discover']);
    });

  it('tells why the stream was refused, when it is one for which a credential is missing', async () => {
    const script: SseScript = {
      open: ({ response }) => {
        response.writeHead(401).end();
        return true;
      },
      message: answer,
    };
    const server = await start(sseServer(script));
    const backend = connectMcp(server.url);
    await assert.rejects(repliesOf(backend, backendCall('a')), { message: /credential/ });
    delete script.open;
    assert.equal(textOf((await repliesOf(backend, backendCall('a')))[0]), 'ok');
  });

  describe('with a server that has no such thing', () => {
    const nothing = (request: Received): void => void request.response.writeHead(404).end();

    for (const path of ['/mcp', '/sse'])
      it(`says how it refused to be initialized, and asks anew the next time: ${path}`, async () => {
        const server = await start(scriptedServer(nothing));
        const backend = connectMcp(server.url.replace('/mcp', path));
        for (const times of [1, 2]) {
          await assert.rejects(repliesOf(backend, backendCall('a')), {
            code: 'ERR_UPSTREAM_FAILED',
            message: 'The backend answered with HTTP status 404',
          });
          assert.equal(server.methods().filter((method) => method === 'GET').length, times);
        }
      });

    it('speaks to a legacy one as ever, also at an address that ends in /sse', async () => {
      const state = legacyState();
      const server = await start(
        scriptedServer((request) => {
          if (request.httpMethod === 'GET') return void request.response.writeHead(405).end();
          if (!legacyScript(request, state)) request.result(ok);
        }),
      );
      for (const url of [server.url, server.url.replace('/mcp', '/sse')]) {
        state.opened = 0;
        assert.equal(textOf((await repliesOf(connectMcp(url), backendCall('a')))[0]), 'ok');
        assert.equal(state.opened, 1);
      }
    });

    it('does not ask a modern one for a stream that answers by JSON-RPC', async () => {
      const server = await start(scriptedServer((request) => request.error(-32601, 404)));
      await repliesOf(connectMcp(server.url), backendCall('a'));
      assert.ok(!server.methods().includes('GET'));
    });
  });

  it('finds out again when a server of another kind takes its place', async () => {
    const old = await start(sseServer({ message: answer }, '/mcp'));
    const backend = connectMcp(old.url);
    await repliesOf(backend, backendCall('a'));
    await old.close();
    const young = await start(
      scriptedServer((request) => {
        if (request.httpMethod !== 'POST') return void request.response.writeHead(405).end();
        if (request.body.method === 'server/discover')
          return request.result({ supportedVersions: ['2026-07-28'], capabilities: {} });
        request.result(ok);
      }, old.port),
    );
    await eventually(2000, 'the loss of the stream', () => old.streams.length === 0);
    assert.equal(textOf((await repliesOf(backend, backendCall('a')))[0]), 'ok');
    assert.equal(young.methods().at(-1), 'tools/call');
    await young.close();
    await start(sseServer({ message: answer }, '/mcp', old.port));
    // The first may find the connection that is just being closed.
    await eventually(2000, 'a call', async () => {
      const replies = await repliesOf(backend, backendCall('a')).catch(() => []);
      return replies.length > 0 && textOf(replies[0]) === 'ok';
    });
  });

  it('lists what a server made with the official SDK offers', async () => {
    const server = await startEverythingServer({ era: 'sse' });
    const backend = connectMcp(server.url);
    const offer = await lastValueFrom(backend.offer());
    assert.equal(offer.serverInfo?.name, 'everything');
    assert.ok(offer.tools.length > 15 && offer.resources.length > 1 && offer.prompts.length > 1);
    assert.deepEqual(offer.warnings, []);
    await disconnectAll();
    await server.close();
  });
});
