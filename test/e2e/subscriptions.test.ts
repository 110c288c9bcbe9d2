import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ResourceUpdatedNotificationSchema,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { legacyScript, legacyState } from '../backends/mcp/legacyScript.js';
import { scriptedServer, type Received } from '../backends/mcp/scriptedServer.js';
import {
  startEverythingServer,
  type Era,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { watchedResource } from '../fixtures/everythingServer/world.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { openRaw } from '../support/openRaw.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { requestBytes } from '../support/requestBytes.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { within } from '../support/within.js';

/** What a client has heard, in words. */
interface Listener {
  readonly heard: readonly string[];
  /** Resolves when `text` has been heard. */
  hears(text: string): Promise<void>;
  unsubscribe(): Promise<unknown>;
  close(): Promise<void>;
}

const listener = (): { heard: string[]; hear: (text: string) => void; hears: Listener['hears'] } => {
  const heard: string[] = [];
  const events = new EventEmitter();
  return {
    heard,
    hear(text) {
      heard.push(text);
      events.emit('heard');
    },
    hears: (text) =>
      within(
        3000,
        `hearing "${text}"`,
        (async () => {
          while (!heard.includes(text)) await once(events, 'heard');
        })(),
      ),
  };
};

type Connect = (url: string, uri: string) => Promise<Listener>;

const connectV1: Connect = async (url, uri) => {
  const { heard, hear, hears } = listener();
  const client = new ClientV1({ name: 'test', version: '1' });
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => hear(params.uri));
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => hear('tools'));
  await client.connect(new TransportV1(new URL(url)));
  await client.subscribeResource({ uri });
  return {
    heard,
    hears,
    unsubscribe: () => client.unsubscribeResource({ uri }),
    close: () => client.close(),
  };
};

const connectV2 =
  (mode: 'auto' | { pin: '2026-07-28' }): Connect =>
  async (url, uri) => {
    const { heard, hear, hears } = listener();
    const client = new ClientV2({ name: 'test', version: '1' }, { versionNegotiation: { mode } });
    client.setNotificationHandler('notifications/resources/updated', ({ params }) => hear(params.uri));
    client.setNotificationHandler('notifications/tools/list_changed', () => hear('tools'));
    await client.connect(new TransportV2(new URL(url)));
    const { honoredFilter, close } = await client
      .listen({ toolsListChanged: true, resourceSubscriptions: [uri] })
      .then((subscription) => ({ ...subscription, close: () => subscription.close() }));
    assert.deepEqual(honoredFilter, { toolsListChanged: true, resourceSubscriptions: [uri] });
    return { heard, hears, unsubscribe: close, close: () => client.close() };
  };

const clients: Readonly<Record<string, Connect>> = {
  'v1 client': connectV1,
  'v2 client, auto': connectV2('auto'),
  'v2 client, pinned': connectV2({ pin: '2026-07-28' }),
};

describe('change notifications', function () {
  this.timeout(20_000);

  for (const era of ['legacy', 'modern', 'dual', 'sse'] satisfies Era[])
    describe(`of a ${era} server`, () => {
      let server: EverythingServer;
      let gateway: RunningGateway;
      before(async () => {
        server = await startEverythingServer({ era });
        gateway = await startGateway(`  ev: { url: '${server.url}' }`);
      });
      after(async () => {
        await gateway.close();
        await server.close();
      });

      for (const [name, connect] of Object.entries(clients))
        it(`reach the ${name} that subscribed, and no other`, async () => {
          const one = await connect(gateway.url, watchedResource);
          const other = await connect(gateway.url, 'test://static-text');
          await modernCall(gateway.port, 'ev_test_trigger_resource_update');
          await one.hears(watchedResource);
          await modernCall(gateway.port, 'ev_test_trigger_tool_change');
          await Promise.all([one.hears('tools'), other.hears('tools')]);
          assert.deepEqual(
            other.heard.filter((text) => text !== 'tools'),
            [],
          );
          await one.unsubscribe();
          await Promise.all([one.close(), other.close()]);
        });
    });

  describe('shared', () => {
    it('two clients of either era are one subscription at the server', async () => {
      const state = legacyState();
      let stream: Received | undefined;
      const asked: string[] = [];
      const server = await scriptedServer((request) => {
        if (legacyScript(request, state, { resources: { subscribe: true } })) return;
        const { method = request.httpMethod, params } = request.body;
        if (method === 'GET') {
          stream = request;
          return void request.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        }
        if (/subscribe$/.test(method)) asked.push(`${method} ${String(params?.['uri'])}`);
        request.result(method === 'resources/list' ? { resources: [{ uri: 'doc:a', name: 'a' }] } : {});
      });
      const gateway = await startGateway(`  docs: { url: '${server.url}' }`);
      const old = await connectV1(gateway.url, 'doc:a');
      const young = await connectV2('auto')(gateway.url, 'doc:a');
      assert.deepEqual(asked, ['resources/subscribe doc:a']);

      const updated = { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'doc:a' } };
      stream?.event(updated);
      await Promise.all([old.hears('doc:a'), young.hears('doc:a')]);

      await old.unsubscribe();
      assert.equal(asked.length, 1);
      await young.unsubscribe();
      await eventually(8000, 'the unsubscription', () => asked.length === 2);
      assert.equal(asked[1], 'resources/unsubscribe doc:a');

      // A session that ends takes its subscriptions along.
      const session = await openLegacySession(gateway.port);
      await ask(gateway.port, session.request('resources/subscribe', { uri: 'doc:a' }));
      assert.equal(asked.length, 3);
      await session.end();
      await eventually(8000, 'the unsubscription', () => asked.length === 4);
      await Promise.all([old.close(), young.close()]);
      await gateway.close();
      await server.close();
    });
  });

  describe('on the wire', () => {
    let server: EverythingServer;
    let gateway: RunningGateway;
    beforeEach(async () => {
      server = await startEverythingServer({ era: 'modern' });
      gateway = await startGateway(`  ev: { url: '${server.url}' }`, { drainTimeoutMs: 5000 });
    });
    afterEach(async () => {
      await gateway.close();
      await server.close();
    });

    it('a listen stream ends with its result when the gateway stops, and delays it no moment', async () => {
      const connection = await openRaw(gateway.port);
      const notifications = { toolsListChanged: true, resourceSubscriptions: [watchedResource, 'no:where'] };
      const request = modernRequest('subscriptions/listen', { notifications }, { id: 7 });
      connection.write(requestBytes(gateway.port, request));
      const acknowledged = await connection.seen('acknowledged');
      assert.match(acknowledged, /"io.modelcontextprotocol\/subscriptionId":7/);
      // The server's only provider of resources is asked even for what nobody lists.
      assert.match(acknowledged, /"toolsListChanged":true/);
      const startedAt = performance.now();
      await gateway.close();
      assert.ok(performance.now() - startedAt < 2500);
      const all = await connection.seen('"resultType":"complete"');
      assert.match(all, /"id":7,"result":\{.*"io.modelcontextprotocol\/subscriptionId":7/);
      connection.destroy();
    });

    it('an unknown resource is refused: -32002', async () => {
      const session = await openLegacySession(gateway.port);
      const rest = await startGateway(
        `  r: { type: rest, url: 'http://127.0.0.1:9', tools: { t: { method: GET, path: / } } }`,
      );
      const other = await openLegacySession(rest.port);
      const refused = await ask(rest.port, other.request('resources/subscribe', { uri: 'no:where' }));
      assert.match(refused.body, /"code":-32002/);
      // What was never subscribed to can be unsubscribed from.
      const left = await ask(gateway.port, session.request('resources/unsubscribe', { uri: 'no:where' }));
      assert.match(left.body, /"result":\{\}/);
      await rest.close();
    });
  });
});
