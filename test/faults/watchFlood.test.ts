import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { legacyScript, legacyState } from '../backends/mcp/legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { within } from '../support/within.js';

const uriOf = ({ body }: Received): string => String(body.params?.['uri']);

describe('a client that watches very many resources of a legacy server', () => {
  let gateway: RunningGateway;
  let server: ScriptedServer;
  const state = legacyState();
  /** What the server has not answered. */
  const held: Received[] = [];
  const events = new EventEmitter();
  let holds = true;

  const uris = (method: string): string[] =>
    server.received.filter(({ body }) => body.method === method).map(uriOf);
  const until = (what: string, isTrue: () => boolean): Promise<void> =>
    within(
      5000,
      what,
      (async () => {
        while (!isTrue()) await once(events, 'request');
      })(),
    );
  const listen = async (...resourceSubscriptions: string[]): Promise<RawConnection> => {
    const connection = await openRaw(gateway.port);
    const request = modernRequest('subscriptions/listen', { notifications: { resourceSubscriptions } });
    connection.write(requestBytes(gateway.port, request));
    return connection;
  };
  const many = (part: string, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `doc:${part}${index}`);

  before(async () => {
    const capabilities = { tools: {}, resources: { subscribe: true } };
    server = await scriptedServer((request) => {
      const { method } = request.body;
      // The own stream of the session: there is none.
      if (request.httpMethod === 'GET') return void request.response.writeHead(405).end();
      if (legacyScript(request, state, capabilities)) return void events.emit('request');
      if (method === 'tools/list')
        request.result({ tools: [{ name: 'quick', inputSchema: { type: 'object' } }] });
      else if (method === 'resources/list') request.result({ resources: [] });
      else if (method === 'resources/templates/list')
        request.result({ resourceTemplates: [{ uriTemplate: 'doc:{id}', name: 'doc' }] });
      else if (method === 'tools/call') request.result({ content: [] });
      else if (method === 'resources/subscribe' && holds) held.push(request);
      else request.result({});
      events.emit('request');
    });
    gateway = await startGateway(`  a: { url: "${server.url}", protocol: legacy }`);
  });
  after(async () => {
    await gateway.close();
    await server.close();
  });

  it('holds up nobody, and leaves nothing behind at the server', async () => {
    const flood = [await listen(...many('a', 1000)), await listen(...many('b', 1000))];
    await until('eight subscriptions under way', () => held.length >= 8);
    assert.ok((await modernCall(gateway.port, 'a_quick')).result !== undefined);
    // What is slow is acknowledged all the same, and comes into effect later.
    for (const connection of flood) await connection.seen('acknowledged');
    assert.equal(held.length, 8);

    for (const connection of flood) connection.destroy();
    holds = false;
    const left = new Set(held.map(uriOf));
    await until('the end of what was begun', () =>
      [...left].every((uri) => uris('resources/unsubscribe').includes(uri)),
    );
    assert.ok((await modernCall(gateway.port, 'a_quick')).result !== undefined);

    const other = await listen('doc:other');
    assert.match(await other.seen('acknowledged'), /doc:other/);
    other.destroy();
    await until('the end of the other', () => uris('resources/unsubscribe').includes('doc:other'));
    const [begun, ended] = [uris('resources/subscribe'), uris('resources/unsubscribe')];
    assert.deepEqual(new Set(ended), new Set(begun));
    assert.ok(begun.length < 100, `${begun.length} subscriptions of those that nobody wanted any longer`);
  });

  it('has its bound: the listen stream fails by itself, and there is room again when others end', async () => {
    await gateway.close();
    gateway = await startGateway(
      `  a: { url: "${server.url}", protocol: legacy }\nstreams: { resources_per_client: 3 }`,
    );
    const first = await listen('doc:1', 'doc:2');
    await first.seen('acknowledged');
    const refused = modernRequest('subscriptions/listen', {
      notifications: { resourceSubscriptions: ['doc:3', 'doc:4'] },
    });
    const { error } = responseOf(await ask(gateway.port, refused));
    assert.deepEqual(error?.data, { limit: 'streams.resources_per_client', max: 3 });
    await (await listen('doc:3')).seen('acknowledged');
    first.destroy();
    await until('the end of the first', () => uris('resources/unsubscribe').includes('doc:2'));
    await (await listen('doc:4', 'doc:5')).seen('acknowledged');
  });
});
