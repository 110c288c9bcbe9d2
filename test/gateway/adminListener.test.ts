import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Gauge, Registry } from 'prom-client';
import { adminListener } from '../../src/gateway/adminListener.js';
import { health, isReady, type Health } from '../../src/gateway/health.js';
import { memorySessions } from '../../src/stores/memorySessions.js';
import { Bulkheads } from '../../src/streams/bulkheads.js';
import { applyEvent, type CatalogEvent } from '../../src/streams/catalog.js';
import type { ServerState } from '../../src/streams/serverState.js';
import { constant } from '../../src/streams/latest.js';
import { LiveCalls } from '../../src/streams/liveCalls.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { steadyInstances } from '../../src/testing/steadyInstances.js';
import { catalogOf, tool } from '../operators/scenarios.js';
import { ask } from '../support/ask.js';

const orders = serverOffering('orders', { tools: [tool('a'), tool('b')], warnings: ['odd'] });
const docs = serverOffering('docs', undefined);
const gone: CatalogEvent = { kind: 'failed', server: orders, at: 0, reason: 'gone' };

const healthOf = (
  servers: readonly ServerState[],
  events: readonly CatalogEvent[] = [],
  draining = false,
): Health => {
  const sessions = memorySessions({ ttlMs: 1000, max: 1 });
  const catalog = constant(events.reduce(applyEvent, catalogOf(...servers)));
  const value = health({
    catalog,
    sessions,
    calls: new LiveCalls(),
    bulkheads: new Bulkheads(),
    bodies: { used: 0 },
    version: '1.2.3',
    isDraining: () => draining,
  });
  sessions.close();
  return value;
};

describe('gateway/health', () => {
  const rows: [string, Health, readonly string[], boolean][] = [
    ['no servers', healthOf([]), [], true],
    ['healthy', healthOf([orders]), ['healthy'], true],
    ['one has not answered yet', healthOf([orders, docs]), ['healthy', 'starting'], false],
    ['one is down from the start', healthOf([docs], [{ ...gone, server: docs }]), ['down'], true],
    ['one is stale', healthOf([orders], [gone]), ['stale'], true],
    ['one has no instance left', healthOf([{ ...orders, instances: steadyInstances([]) }]), ['down'], true],
    ['draining', healthOf([orders], [], true), ['healthy'], false],
  ];
  for (const [name, value, servers, ready] of rows)
    it(name, () => {
      assert.deepEqual(
        value.servers.map(({ status }) => status),
        servers,
      );
      assert.equal(isReady(value), ready);
    });

  it('is not ready while a policy can not be used, unless it is that of a discovered service alone', () => {
    const value = healthOf([orders]);
    const policies = [{ name: 'orders', kind: 'rego', status: 'down' }] as const;
    assert.equal(isReady({ ...value, policies }), false);
    const servers = value.servers.map((server) => ({ ...server, discovered: { datacenters: 'dc1' } }));
    assert.equal(isReady({ ...value, servers, policies }), true);
    const gateway = [{ name: 'gateway', kind: 'rego', status: 'down' }] as const;
    assert.equal(isReady({ ...value, servers, policies: gateway }), false);
  });

  it('is not ready while no call is taken because none could be recorded', () => {
    assert.equal(isReady({ ...healthOf([orders]), audit: 'full' }), false);
  });

  it('says of a server what helps, and no address', () => {
    const value = healthOf([orders], [gone]);
    assert.deepEqual(value.servers, [
      {
        name: 'orders',
        type: 'mcp',
        status: 'stale',
        tools: 2,
        revision: '2025-11-25',
        since: '1970-01-01T00:00:00.000Z',
        reason: 'gone',
        warnings: ['odd'],
      },
    ]);
    assert.equal(value.version, '1.2.3');
    assert.ok(!JSON.stringify(value).includes('backend.test'));
  });
});

describe('gateway/adminListener', () => {
  let server: Server;
  let current = healthOf([orders]);
  const registry = new Registry();
  const gauge = new Gauge({ name: 'one', help: 'One.', registers: [registry] });
  before(async () => {
    server = createServer(
      adminListener(
        () => current,
        () => ({ allowedHosts: [], allowedOrigins: [] }),
        () => registry,
      ),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });
  const get = (path: string, headers = {}, method = 'GET') =>
    ask((server.address() as AddressInfo).port, { method, path, headers });

  it('/healthz while the process lives, /readyz when it takes calls', async () => {
    for (const path of ['/healthz', '/readyz', '/readyz?verbose'])
      assert.equal((await get(path)).status, 200);
    current = healthOf([orders], [], true);
    assert.equal((await get('/healthz')).status, 200);
    const answer = await get('/readyz');
    assert.equal(answer.status, 503);
    assert.equal(answer.headers['cache-control'], 'no-store');
    const body = JSON.parse(answer.body) as Record<string, unknown>;
    assert.deepEqual([body['ready'], body['status']], [false, 'draining']);
  });

  it('/metrics: what the registry holds, and why not if it can not be read', async () => {
    gauge.set(1);
    const answer = await get('/metrics');
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], registry.contentType);
    assert.match(answer.body, /^one 1$/m);
    new Gauge({
      name: 'broken',
      help: 'Broken.',
      registers: [registry],
      collect: () => Promise.reject(new Error('no')),
    });
    assert.equal((await get('/metrics')).status, 500);
    registry.removeSingleMetric('broken');
  });

  const others: [string, string, Readonly<Record<string, string>>, number][] = [
    ['GET', '/', {}, 404],
    ['GET', '//', {}, 404],
    ['GET', '//[', {}, 404],
    ['GET', 'http://:x/healthz', {}, 404],
    ['GET', '/healthz/', {}, 404],
    ['POST', '/healthz', {}, 405],
    ['GET', '/healthz', { host: 'evil.example' }, 403],
    ['GET', '/healthz', { origin: 'https://evil.example' }, 403],
  ];
  for (const [method, path, headers, status] of others)
    it(`${method} ${path} ${JSON.stringify(headers)}: ${status}`, async () =>
      assert.equal((await get(path, headers, method)).status, status));
});
