import assert from 'node:assert/strict';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { WebSocketClientTransport } from '@modelcontextprotocol/sdk/client/websocket.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { WebSocket } from 'ws';
import { startService, type Service } from '../backends/rest/startService.js';
import { startFollowing, type FollowingGateway } from '../gateway/startFollowing.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import type { RawAnswer } from '../support/parseAnswer.js';
import type { RequestParts } from '../support/requestBytes.js';
import { samples } from '../support/samples.js';

// What browsers and newer Nodes have; the official transport looks for it there.
Object.assign(globalThis, { WebSocket });

describe('limits on how often', function () {
  this.timeout(15_000);
  let service: Service;
  let gateway: FollowingGateway;
  let served = 0;

  before(async () => {
    service = await startService((_request, response) => {
      served++;
      response.setHeader('content-type', 'application/json').end('{"ok":true}');
    });
  });
  beforeEach(() => (served = 0));
  afterEach(() => gateway.gateway.close());
  after(() => service.close());

  const servers = (more = ''): string =>
    `servers:\n  a: { type: rest, url: "${service.url}", ${more} tools: { get: { path: /get }, put: { path: /put } } }\n`;
  const start = async (limits: string, more?: string): Promise<void> => {
    gateway = await startFollowing(`${servers(more)}${limits}`);
  };
  const callOf = (name = 'a_get', headers: Record<string, string> = {}): RequestParts =>
    modernRequest('tools/call', { name, arguments: {} }, { headers });
  const call = (name?: string, headers?: Record<string, string>): Promise<RawAnswer> =>
    ask(gateway.port, callOf(name, headers));
  const isAllowed = (answer: RawAnswer): void => assert.equal(answer.status, 200, answer.body);
  const isRefused = (answer: RawAnswer, limit: string): void => {
    const { error } = responseOf(answer);
    assert.deepEqual([answer.status, error?.code], [429, 4029], answer.body);
    assert.equal((error?.data as { limit?: string }).limit, limit);
  };

  it('429 with all there is to know, and the service hears nothing of it', async () => {
    await start('limits: { a: { rate: 1/day, burst_size: 2, by: client } }');
    const [first, second, third] = [await call(), await call(), await call()];
    isAllowed(first);
    isAllowed(second);
    assert.equal(first.headers['ratelimit-policy'], '"limits.a";q=2;w=172800');
    assert.match(first.headers['ratelimit'] ?? '', /^"limits\.a";r=1;t=86400$/);
    assert.match(second.headers['ratelimit'] ?? '', /^"limits\.a";r=0;t=\d+$/);
    isRefused(third, 'limits.a');
    const { error } = responseOf(third);
    const { retryAfterMs, ...data } = error?.data as { retryAfterMs: number };
    assert.deepEqual(data, { limit: 'limits.a', max: 2, by: 'client', remaining: 0 });
    assert.ok(retryAfterMs > 0 && retryAfterMs <= 86_400_000);
    const seconds = String(Math.ceil(retryAfterMs / 1000));
    assert.equal(third.headers['retry-after'], seconds);
    assert.equal(third.headers['ratelimit'], `"limits.a";r=0;t=${seconds}`);
    assert.equal(served, 2);
    const metrics = samples(await (await fetch(`http://127.0.0.1:${gateway.adminPort}/metrics`)).text());
    assert.equal(metrics.get('mcp_gateway_rate_limited_total{by="client",limit="limits.a"}'), 1);
  });

  it('a caller is the same in every session, over every transport and in a batch', async () => {
    await start("limits: { '*': { rate: 5/day } }");
    const [one, two] = [await openLegacySession(gateway.port), await openLegacySession(gateway.port)];
    assert.ok((await one.call('a_get')).result);
    assert.ok((await two.call('a_get')).result);
    isAllowed(await call());
    const old = await openLegacySession(gateway.port, '2025-03-26');
    const entry = (id: number) => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/call',
      params: { name: 'a_get', arguments: {} },
    });
    const batch = await ask(gateway.port, { headers: old.headers, body: [entry(1), entry(2), entry(3)] });
    const answers = JSON.parse(batch.body) as { error?: { code: number } }[];
    assert.deepEqual(answers.map(({ error }) => error?.code).sort(), [4029, undefined, undefined]);
    const anew = await openLegacySession(gateway.port);
    isRefused(
      await ask(gateway.port, anew.request('tools/call', { name: 'a_get', arguments: {} })),
      'limits.*',
    );
    const transports: Transport[] = [
      new WebSocketClientTransport(new URL(`ws://127.0.0.1:${gateway.port}/mcp`)),
      new SSEClientTransport(new URL(`http://127.0.0.1:${gateway.port}/sse`)),
    ];
    for (const transport of transports) {
      const client = new Client({ name: 'test', version: '1' });
      await client.connect(transport);
      await assert.rejects(client.callTool({ name: 'a_get', arguments: {} }), (error: unknown) => {
        const { code, data } = error as { code: number; data: { limit: string } };
        assert.deepEqual([code, data.limit], [4029, 'limits.*']);
        return true;
      });
      await client.close();
    }
    assert.equal(served, 5);
  });

  it('what only asks has ten times as much, and notifications again', async () => {
    await start("limits: { '*': { rate: 1/day } }");
    isAllowed(await call());
    isRefused(await call(), 'limits.*');
    const ping = () => ask(gateway.port, modernRequest('tools/list'));
    for (let n = 0; n < 10; n++) isAllowed(await ping());
    isRefused(await ping(), 'limits.* (other requests)');
    const cancelled = {
      ...modernRequest('notifications/cancelled'),
      body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'none' } },
    };
    for (let n = 0; n < 10; n++) assert.equal((await ask(gateway.port, cancelled)).status, 202);
    assert.equal((await ask(gateway.port, cancelled)).status, 429);
  });

  it('what does not exist costs, too', async () => {
    await start("limits: { '*': { rate: 2/day } }");
    for (const name of ['a_none', 'b_none']) assert.equal((await call(name)).status, 200);
    isRefused(await call('a_get'), 'limits.*');
  });

  it('of a tool: the others go on', async () => {
    await start('', 'rate_limit: 3/day,');
    gateway.configure(servers().replace('get: { path: /get }', 'get: { path: /get, rate_limit: 1/day }'));
    isAllowed(await call('a_get'));
    isRefused(await call('a_get'), 'servers.a.tools.get.rate_limit');
    isAllowed(await call('a_put'));
  });

  it('a limit that is changed takes effect at once, and what was used stays used', async () => {
    await start('', 'rate_limit: 2/day,');
    isAllowed(await call());
    isAllowed(await call());
    isRefused(await call(), 'servers.a.rate_limit');
    gateway.configure(servers('rate_limit: 3/day,'));
    isAllowed(await call());
    isRefused(await call(), 'servers.a.rate_limit');
    gateway.configure(servers());
    isAllowed(await call());
  });

  it('a stream has the headers at its beginning, several limits beside each other; web pages can read them', async () => {
    await start(
      "limits: { '*': { rate: 9/day } }\nhttp: { allowed_origins: ['https://app.example'] }",
      'rate_limit: 5/day,',
    );
    const answer = await call('a_get', {
      accept: 'text/event-stream, application/json;q=0.1',
      origin: 'https://app.example',
    });
    assert.equal(answer.headers['content-type'], 'text/event-stream');
    assert.match(
      String(answer.headers['ratelimit']),
      /^"limits\.\*";r=8;t=\d+, "servers\.a\.rate_limit";r=4;t=\d+$/,
    );
    assert.match(
      String(answer.headers['access-control-expose-headers']),
      /Retry-After, RateLimit, RateLimit-Policy/,
    );
  });

  it('behind a trusted proxy each client has a limit of its own; others can not say who they are', async () => {
    await start("limits: { '*': { rate: 1/day, by: ip } }\nhttp: { trusted_proxies: [127.0.0.0/8] }");
    const from = (address: string) => call('a_get', { 'x-forwarded-for': address });
    isAllowed(await from('203.0.113.1'));
    isRefused(await from('203.0.113.1'), 'limits.*');
    isRefused(await from('198.51.100.9, 203.0.113.1'), 'limits.*');
    isAllowed(await from('203.0.113.2'));
    gateway.configure(`${servers()}limits: { '*': { rate: 1/day, by: ip } }`);
    isAllowed(await from('203.0.113.3'));
    isRefused(await from('203.0.113.4'), 'limits.*');
  });

  it('no limits, no headers', async () => {
    await start('');
    const { headers, status } = await call();
    assert.deepEqual(
      [status, headers['ratelimit'], headers['ratelimit-policy']],
      [200, undefined, undefined],
    );
  });
});
