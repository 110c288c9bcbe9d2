import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { ask } from '../support/ask.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { sseEvents } from '../support/sseEvents.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

const tool = { name: 'test_reconnection', arguments: {} };
const done = /Reconnection test completed/;

describe('a server that lets go of its stream and wants to be polled (SEP-1699)', function () {
  this.timeout(10_000);
  let server: EverythingServer;
  let gateway: RunningGateway;

  before(async () => {
    server = await startEverythingServer({ era: 'legacy' });
    gateway = await startGateway(`  back: { url: "${server.url}", prefix: "" }`);
  });
  after(async () => {
    await gateway.close();
    await server.close();
  });

  it('has the client let go too, which comes back for the answer', async () => {
    const session = await openLegacySession(gateway.port);
    const first = await ask(gateway.port, session.request('tools/call', tool, 7));
    assert.equal(first.headers['content-type'], 'text/event-stream');
    assert.match(first.body, /retry: 500\n/);
    const [priming, ...more] = sseEvents(first.body);
    assert.deepEqual(
      [priming?.message, more.filter(({ message }) => message !== undefined)],
      [undefined, []],
    );
    const back = { method: 'GET', headers: { ...session.headers, accept: 'text/event-stream' } };
    const lastEventId = priming?.id ?? assert.fail('no id');
    const second = await ask(gateway.port, {
      ...back,
      headers: { ...back.headers, 'last-event-id': lastEventId },
    });
    assert.deepEqual(
      sseEvents(second.body).map(({ message }) => message?.id),
      [7],
    );
    assert.match(second.body, done);
  });

  it('has a client that can not come back wait', async () => {
    const session = await openLegacySession(gateway.port, '2025-06-18');
    const older = await ask(gateway.port, session.request('tools/call', tool, 8));
    assert.match(older.body, done);
    const modern = await ask(gateway.port, modernRequest('tools/call', tool));
    assert.match(modern.body, done);
  });

  it('gives its answer to the official clients', async () => {
    const url = new URL(gateway.url);
    const v1 = new ClientV1({ name: 'test', version: '1' });
    await v1.connect(new TransportV1(url));
    assert.match(JSON.stringify(await v1.callTool(tool)), done);
    await v1.close();
    for (const mode of ['legacy', { pin: '2026-07-28' }] as const) {
      const v2 = new ClientV2({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
      await v2.connect(new TransportV2(url));
      assert.match(JSON.stringify(await v2.callTool(tool)), done);
      await v2.close();
    }
  });
});
