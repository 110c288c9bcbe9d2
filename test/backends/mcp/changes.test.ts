import assert from 'node:assert/strict';
import { once } from 'node:events';
import { firstValueFrom, lastValueFrom, type Subscription } from 'rxjs';
import type { Backend } from '../../../src/streams/backend.js';
import { eventually } from '../../support/eventually.js';
import { within } from '../../support/within.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import { legacyScript, legacyState, type LegacyState } from './legacyScript.js';
import { discovery } from './modernScript.js';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';

/** A watch that runs, and what became of it. */
const watching = (backend: Backend, uri: string) => {
  const state: { began: number; error: unknown } = { began: 0, error: undefined };
  const subscription: Subscription = backend.watch(uri).subscribe({
    next: () => state.began++,
    error: (error: unknown) => (state.error = error),
  });
  const begun = () => eventually(8000, `the watch of ${uri}`, () => state.began > 0);
  return { state, begun, unsubscribe: () => subscription.unsubscribe() };
};

/** All resources that the backend says have changed. */
const heardOf = (backend: Backend): string[] => {
  const heard: string[] = [];
  backend.updated$.subscribe((uri) => heard.push(uri));
  return heard;
};

describe('mcpBackend, changes at a modern server', () => {
  let server: ScriptedServer;
  let listens: Received[];
  let acknowledge: (request: Received) => void;

  const filterOf = ({ body }: Received) => body.params?.['notifications'] as Record<string, unknown>;
  const say = (
    request: Received,
    method: string,
    params: object,
    subscriptionId: unknown = request.body.id,
  ) =>
    request.event({
      jsonrpc: '2.0',
      method: `notifications/${method}`,
      params: { ...params, _meta: { 'io.modelcontextprotocol/subscriptionId': subscriptionId } },
    });
  const capabilities = { tools: { listChanged: true }, prompts: {}, resources: { subscribe: true } };

  beforeEach(async () => {
    listens = [];
    acknowledge = (request) =>
      say(request, 'subscriptions/acknowledged', { notifications: filterOf(request) });
    server = await scriptedServer((request) => {
      const { method } = request.body;
      if (method === 'server/discover') return request.result({ ...discovery, capabilities });
      if (method !== 'subscriptions/listen') return request.result({ resultType: 'complete' });
      listens.push(request);
      acknowledge(request);
    });
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  it('listens to what the server declares, from the first offer on', async () => {
    const backend = connectMcp(server.url);
    await lastValueFrom(backend.offer());
    await eventually(8000, 'the listen stream', () => listens.length === 1);
    const [listen] = listens as [Received];
    assert.deepEqual(filterOf(listen), { toolsListChanged: true });
    assert.equal(listen.headers['mcp-method'], 'subscriptions/listen');
    const changed = firstValueFrom(backend.changed$);
    say(listen, 'tools/list_changed', {});
    await within(8000, 'the news', changed);
    const closed = once(listen.response, 'close');
    await disconnectAll();
    await closed;
  });

  it('opens another stream for another filter, and closes the old one when that is acknowledged', async () => {
    const backend = connectMcp(server.url);
    const heard = heardOf(backend);
    await lastValueFrom(backend.offer());
    await eventually(8000, 'the listen stream', () => listens.length === 1);
    const [first] = listens as [Received];
    const firstClosed = once(first.response, 'close');
    const watches = ['doc:a', 'doc:b'].map((uri) => watching(backend, uri));
    for (const watch of watches) await watch.begun();
    await within(8000, 'the end of the first stream', firstClosed);
    // Both wishes were gathered into one.
    assert.equal(listens.length, 2);
    const second = listens[1] as Received;
    assert.deepEqual(filterOf(second), {
      toolsListChanged: true,
      resourceSubscriptions: ['doc:a', 'doc:b'],
    });
    say(second, 'resources/updated', { uri: 'doc:x' }, 999);
    say(second, 'resources/updated', { uri: 'doc:a' });
    await eventually(8000, 'the news', () => heard.length > 0);
    assert.deepEqual(heard, ['doc:a']);
    for (const watch of watches) watch.unsubscribe();
    await eventually(8000, 'the third stream', () => listens.length === 3);
    assert.deepEqual(filterOf(listens[2] as Received), { toolsListChanged: true });
  });

  it('listens again when the stream breaks or ends, and says that anything may have changed', async () => {
    const backend = connectMcp(server.url);
    const heard = heardOf(backend);
    const watch = watching(backend, 'doc:a');
    await watch.begun();
    const changed = firstValueFrom(backend.changed$);
    (listens[0] as Received).response.destroy();
    await within(3000, 'the news', changed);
    assert.deepEqual([heard, listens.length, watch.state.began], [['doc:a'], 2, 1]);
    const again = firstValueFrom(backend.changed$);
    const { body, response, event } = listens[1] as Received;
    event({ jsonrpc: '2.0', id: body.id, result: { resultType: 'complete' } });
    response.end();
    await within(4000, 'the news', again);
    assert.deepEqual([heard, listens.length], [['doc:a', 'doc:a'], 3]);
  }).timeout(10_000);

  it('fails a watch that the server does not acknowledge, and no other', async () => {
    acknowledge = (request) =>
      say(request, 'subscriptions/acknowledged', {
        notifications: { ...filterOf(request), resourceSubscriptions: ['doc:a'] },
      });
    const backend = connectMcp(server.url);
    const [a, b] = ['doc:a', 'doc:b'].map((uri) => watching(backend, uri)) as [
      ReturnType<typeof watching>,
      ReturnType<typeof watching>,
    ];
    await a.begun();
    assert.equal((b.state.error as { code: string }).code, 'ERR_METHOD_UNSUPPORTED');
    assert.equal(a.state.error, undefined);
  });

  it('asks a server that knows no such method once', async () => {
    acknowledge = (request) => request.error(-32601, 404);
    const backend = connectMcp(server.url);
    const watch = watching(backend, 'doc:a');
    await eventually(8000, 'the refusal', () => watch.state.error !== undefined);
    assert.equal((watch.state.error as { code: string }).code, 'ERR_METHOD_UNSUPPORTED');
    assert.equal(listens.length, 1);
  });
});

describe('mcpBackend, changes at a legacy server', () => {
  let server: ScriptedServer;
  let state: LegacyState;
  let asked: string[];
  let stream: Received | undefined;
  let answer: (request: Received) => void;

  beforeEach(async () => {
    state = legacyState();
    asked = [];
    answer = (request) => request.result({});
    server = await scriptedServer((request) => {
      if (legacyScript(request, state, { resources: { subscribe: true } })) return;
      const { method, params } = request.body;
      if (request.httpMethod === 'GET') {
        stream = request;
        return void request.response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
      }
      if (/subscribe$/.test(method ?? '')) asked.push(`${method?.slice(10)} ${String(params?.['uri'])}`);
      answer(request);
    });
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  it("subscribes, hears on the session's own stream, and unsubscribes", async () => {
    const backend = connectMcp(server.url, { protocol: 'legacy' });
    const heard = heardOf(backend);
    const watch = watching(backend, 'doc:a');
    await watch.begun();
    stream?.event({ jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'doc:a' } });
    await eventually(8000, 'the news', () => heard.length === 1);
    watch.unsubscribe();
    await eventually(8000, 'the end of it', () => asked.length === 2);
    assert.deepEqual(asked, ['subscribe doc:a', 'unsubscribe doc:a']);
  });

  it('does not let an unsubscription overtake the next subscription', async () => {
    const held: Received[] = [];
    const backend = connectMcp(server.url, { protocol: 'legacy' });
    const first = watching(backend, 'doc:a');
    await first.begun();
    answer = (request) => void held.push(request);
    first.unsubscribe();
    await eventually(8000, 'the unsubscription', () => held.length === 1);
    const second = watching(backend, 'doc:a');
    answer = (request) => request.result({});
    held[0]?.result({});
    await second.begun();
    assert.deepEqual(asked, ['subscribe doc:a', 'unsubscribe doc:a', 'subscribe doc:a']);
  });

  it('does not unsubscribe what is watched again before the server was told', async () => {
    const backend = connectMcp(server.url, { protocol: 'legacy' });
    const first = watching(backend, 'doc:a');
    await first.begun();
    first.unsubscribe();
    const second = watching(backend, 'doc:a');
    await second.begun();
    assert.deepEqual(asked, ['subscribe doc:a', 'subscribe doc:a']);
  });

  it('fails a watch whose session is lost: it can be watched anew', async () => {
    const backend = connectMcp(server.url, { protocol: 'legacy' });
    const watch = watching(backend, 'doc:a');
    await watch.begun();
    state.sessions.clear();
    await lastValueFrom(backend.offer());
    assert.equal((watch.state.error as { code: string }).code, 'ERR_UPSTREAM_SESSION_LOST');
    const again = watching(backend, 'doc:a');
    await again.begun();
    assert.deepEqual(asked, ['subscribe doc:a', 'subscribe doc:a']);
  });

  it('passes on a refusal', async () => {
    answer = (request) => request.error(-32002);
    const watch = watching(connectMcp(server.url, { protocol: 'legacy' }), 'doc:a');
    await eventually(8000, 'the refusal', () => watch.state.error !== undefined);
    assert.equal((watch.state.error as { code: string }).code, 'ERR_RESOURCE_UNKNOWN');
  });
});
