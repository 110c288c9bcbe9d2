/** What servers have answered is remembered, over real sockets. */
import assert from 'node:assert/strict';
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
} from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  PromptListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { startService, type Service } from '../backends/rest/startService.js';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { watchedResource } from '../fixtures/everythingServer/world.js';
import { ask } from '../support/ask.js';
import { counts } from '../support/counts.js';
import { eventually } from '../support/eventually.js';
import { responseOf, type SeenMessage } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { recordingProxy, type RecordingProxy } from '../support/recordingProxy.js';
import { samples } from '../support/samples.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { within } from '../support/within.js';

const cacheMeta = (message: { _meta?: Record<string, unknown> | undefined } | undefined): unknown =>
  message?._meta?.['io.sluice/cache'];

describe('answers that are remembered', function () {
  this.timeout(15_000);
  let world: EverythingServer;
  let proxy: RecordingProxy;
  let service: Service;
  let gateway: RunningGateway;
  let requests: string[];
  let answerWhen: Promise<unknown> = Promise.resolve();
  let v1: ClientV1;
  let v2: ClientV2;

  before(async () => {
    // A server of 2025 says nothing of how long its answers are good.
    world = await startEverythingServer({ era: 'legacy' });
    proxy = await recordingProxy(world.url);
    service = await startService((request, response) => {
      requests.push(request.url ?? '');
      void answerWhen.then(() => {
        const status = request.url?.includes('gone') === true ? 404 : 200;
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(`{"count":${requests.length}}`);
      });
    });
    gateway = await startGateway(config(proxy.url, service.url, '{}', '5m'));
    v1 = new ClientV1({ name: 'test', version: '1' });
    await v1.connect(new TransportV1(new URL(gateway.url)));
    v2 = new ClientV2(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await v2.connect(new TransportV2(new URL(gateway.url)));
  });
  beforeEach(() => {
    requests = [];
    answerWhen = Promise.resolve();
  });
  after(async () => {
    await v1.close();
    await v2.close();
    await gateway.close();
    await proxy.close();
    await service.close();
    await world.close();
  });
  const sent = (method: string): number => proxy.seen.filter((each) => each.method === method).length;

  it('a resource is read once, for clients of both eras', async () => {
    const uri = 'test://static-text';
    const first = await v1.readResource({ uri });
    const again = await v1.readResource({ uri });
    const modern = await v2.readResource({ uri });
    assert.equal(sent('resources/read'), 1);
    assert.deepEqual([again.contents, modern.contents], [first.contents, first.contents]);
    assert.equal(cacheMeta(first), undefined);
    const { ageMs, ttlMs } = cacheMeta(again) as { ageMs: number; ttlMs: number };
    assert.ok(ageMs >= 0 && ageMs + ttlMs === 300_000, `${ageMs} ${ttlMs}`);
    const { result } = responseOf(await ask(gateway.port, modernRequest('resources/read', { uri })));
    assert.equal(result?.['cacheScope'], 'private');
    assert.ok((result['ttlMs'] as number) <= 300_000 && (result['ttlMs'] as number) > 0);
    assert.equal('ttlMs' in first, false, 'clients of 2025 know nothing of it');
  });

  it('a list is asked for once in its time, and clients of 2026 are told how long that is', async () => {
    const before = sent('tools/list');
    const list = async () => responseOf(await ask(gateway.port, modernRequest('tools/list'))).result;
    const first = await list();
    assert.equal(first?.['cacheScope'], 'private');
    assert.ok((first['ttlMs'] as number) > 0 && (first['ttlMs'] as number) <= 60_000);
    assert.equal('ttlMs' in (await v1.listTools()), false);
    assert.equal(sent('tools/list'), before);
    assert.equal(responseOf(await ask(gateway.port, modernRequest('resources/list'))).result?.['ttlMs'], 0);
  });

  it('a prompt and a tool that the configuration names are asked once, also with progress wanted', async () => {
    const prompt = { name: 'all_test_simple_prompt' };
    assert.deepEqual((await v1.getPrompt(prompt)).messages, (await v2.getPrompt(prompt)).messages);
    assert.equal(sent('prompts/get'), 1);
    const tool = { name: 'all_test_simple_text', arguments: {} };
    const before = sent('tools/call');
    const { content } = await v1.callTool(tool);
    const again = await v2.callTool(tool, { onprogress: () => undefined });
    assert.deepEqual(again.content, content);
    assert.notEqual(cacheMeta(again), undefined);
    assert.equal(sent('tools/call'), before + 1);
    const other = { name: 'all_test_image_content', arguments: {} };
    await v1.callTool(other);
    await v1.callTool(other);
    assert.equal(sent('tools/call'), before + 3, 'nothing is known of the other one');
  });

  it('what its server says has changed is read anew, by the time that a client hears of it', async () => {
    const uri = watchedResource;
    await v1.readResource({ uri });
    await v1.readResource({ uri });
    const before = sent('resources/read');
    const heard = new Promise<void>((resolve) =>
      v1.setNotificationHandler(ResourceUpdatedNotificationSchema, () => resolve()),
    );
    await v1.subscribeResource({ uri });
    await v2.callTool({ name: 'all_test_trigger_resource_update', arguments: {} });
    await within(3000, 'the news', heard);
    assert.equal(cacheMeta(await v1.readResource({ uri })), undefined);
    assert.equal(sent('resources/read'), before + 1);
    assert.notEqual(
      cacheMeta(await v2.readResource({ uri: 'test://static-text' })),
      undefined,
      'others are not',
    );
    await v1.unsubscribeResource({ uri });
  });

  it('a list that has changed makes all of its server forgotten', async () => {
    const uri = 'test://static-binary';
    await v1.readResource({ uri });
    assert.notEqual(cacheMeta(await v1.readResource({ uri })), undefined);
    const heard = new Promise<void>((resolve) =>
      v1.setNotificationHandler(PromptListChangedNotificationSchema, () => resolve()),
    );
    await v2.callTool({ name: 'all_test_trigger_prompt_change', arguments: {} });
    await within(3000, 'the news', heard);
    assert.equal(cacheMeta(await v1.readResource({ uri })), undefined);
  });

  it('of many that want the same at once one is sent', async () => {
    let answer: () => void = () => undefined;
    answerWhen = new Promise<void>((resolve) => (answer = resolve));
    const calls = Array.from({ length: 15 }, () => modernCall(gateway.port, 'shop_get', { id: 'many' }));
    await eventually(3000, 'that all wait', async () => (await counts(gateway.adminUrl)).calls === 15);
    answer();
    const answers = await Promise.all(calls);
    assert.deepEqual(requests, ['/orders/many']);
    for (const { result } of answers) assert.deepEqual(result?.['structuredContent'], { count: 1 });
  });

  it('a tool of the configuration is believed that it only reads; failures and what may write are not remembered', async () => {
    const get = (id: string): Promise<SeenMessage> => modernCall(gateway.port, 'shop_get', { id });
    await get('a');
    await get('a');
    await get('b');
    assert.deepEqual(requests, ['/orders/a', '/orders/b']);
    for (const id of ['gone', 'gone']) assert.equal((await get(id)).result?.isError, true);
    assert.deepEqual(requests.slice(2), ['/orders/gone', '/orders/gone']);
    await modernCall(gateway.port, 'shop_look');
    await modernCall(gateway.port, 'shop_look');
    assert.deepEqual(requests.slice(4), ['/look', '/look']);
    await get('a');
    assert.deepEqual(requests.slice(6), ['/orders/a'], 'what may have changed is asked for anew');
  });

  it('limits count what was remembered too', async () => {
    const asked = Array.from({ length: 6 }, () => modernCall(gateway.port, 'shop_limited'));
    const codes = (await Promise.all(asked)).map(({ error }) => error?.code);
    assert.deepEqual(codes, [undefined, undefined, undefined, 4029, 4029, 4029]);
    assert.deepEqual(requests, ['/limited']);
  });

  it('who wants it fresh gets it fresh', async () => {
    const { headers, body } = modernRequest('tools/call', { name: 'shop_get', arguments: { id: 'c' } });
    for (const more of [{}, {}, { 'cache-control': 'no-cache' }])
      assert.equal((await ask(gateway.port, { headers: { ...headers, ...more }, body })).status, 200);
    assert.deepEqual(requests, ['/orders/c', '/orders/c']);
  });

  it('metrics tell hits from misses, and what is held', async () => {
    await modernCall(gateway.port, 'shop_get', { id: 'd' });
    await modernCall(gateway.port, 'shop_get', { id: 'd' });
    const seen = samples(await (await fetch(new URL('/metrics', gateway.adminUrl))).text());
    const count = (result: string) =>
      seen.get(`mcp_gateway_cache_requests_total{method="tools/call",server="shop",result="${result}"}`) ?? 0;
    assert.ok(count('hit') > 0 && count('miss') > 0);
    assert.ok((seen.get('mcp_gateway_cache_answers') ?? 0) > 0);
    assert.ok((seen.get('mcp_gateway_cache_bytes') ?? 0) > 512);
  });

  it('other settings of a server are another server; those of the cache hold at once', async () => {
    await modernCall(gateway.port, 'shop_get', { id: 'e' });
    const configured = (headers: string, ttl: string): string => config(proxy.url, service.url, headers, ttl);
    gateway.configure(configured('{ x-other: yes }', '5m'));
    await modernCall(gateway.port, 'shop_get', { id: 'e' });
    await modernCall(gateway.port, 'shop_get', { id: 'e' });
    assert.deepEqual(requests, ['/orders/e', '/orders/e']);
    gateway.configure(configured('{ x-other: yes }', '1ms'));
    await modernCall(gateway.port, 'shop_get', { id: 'e' });
    assert.equal(requests.length, 3);
  });

  it('what `transform` adds of the moment makes no other call of it', async () => {
    gateway.configure(`${config(proxy.url, service.url, '{}', '5m')}\ntransform: { context: true }`);
    const { result } = await modernCall(gateway.port, 'shop_get', { id: 'f' });
    await modernCall(gateway.port, 'shop_get', { id: 'f' });
    assert.equal(requests.length, 1, JSON.stringify(result));
    assert.match(requests[0] ?? '', /_context/);
  });
});

const config = (all: string, shop: string, headers: string, ttl: string): string => `  all: { url: "${all}" }
  shop:
    type: rest
    url: "${shop}"
    headers: ${headers}
    tools:
      get: { path: "/orders/{id}", annotations: { readOnlyHint: true }, input_schema: { type: object, properties: { id: { type: string } } } }
      limited: { path: /limited, annotations: { readOnlyHint: true }, rate_limit: 3/min, input_schema: { type: object } }
      look: { path: /look, method: POST, input_schema: { type: object } }
cache:
  resources/read: { ttl: 300, vary: [uri] }
  tools/list: { ttl: 60 }
  prompts/list: { ttl: 60 }
  prompts/get: { ttl: 5m }
  tools/call: { ttl: ${ttl}, tools: [all_test_simple_text] }`;
