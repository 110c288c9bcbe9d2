import assert from 'node:assert/strict';
import { startService, type Service } from '../../backends/rest/startService.js';
import { modernCall } from '../../support/modern.js';
import { consulApi, type ConsulApi, type ServiceDefinition } from '../../support/services/consulApi.js';
import { discoveringGateway, type DiscoveringGateway } from '../../support/services/discoveringGateway.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startConsul, type Consul } from '../../support/services/startConsul.js';
import { eventually } from '../../support/eventually.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { listChangeListeners, type ListChangeListeners } from './listChangeListeners.js';

/** How long it may take from a change in Consul until clients know, in milliseconds. */
const promptMs = 500;

describe('services of a real Consul agent', function () {
  this.timeout(60_000);
  let consul: Consul;
  let api: ConsulApi;
  let orders: Service;
  let search: McpBackend;
  let gateway: DiscoveringGateway;
  let clients: ListChangeListeners;

  const ordersService = (...tools: string[]): ServiceDefinition => ({
    Name: 'order-service',
    ID: 'order-1',
    Address: '127.0.0.1',
    Port: Number(new URL(orders.url).port),
    Meta: { 'mcp-enabled': 'true', 'mcp-toolPrefix': 'orders', 'mcp-tools': tools.join() },
    Check: { CheckID: 'service:order-1', TTL: '1h', Status: 'passing' },
  });
  const searchService = (): ServiceDefinition => ({
    Name: 'search-service',
    ID: 'search-1',
    Address: '127.0.0.1',
    Port: search.port,
    Meta: { 'mcp-enabled': 'true', 'mcp-type': 'server', 'mcp-toolPrefix': 'search' },
  });

  /** Something happens in Consul; clients are told, and see the new list. */
  const leadsTo = async (names: readonly string[], act: () => Promise<unknown>): Promise<void> => {
    const ms = await clients.toldBy(act);
    assert.ok(ms < promptMs, `clients were told after ${Math.round(ms)} ms`);
    await gateway.showing(names, promptMs);
  };

  const closing: (() => Promise<unknown>)[] = [];

  before(async function () {
    consul = await serviceFor(this, () => startConsul());
    closing.unshift(() => consul.close());
    api = consulApi(consul);
    orders = await startService();
    closing.unshift(() => orders.close());
    search = await startMcpBackend();
    closing.unshift(() => search.close());
    gateway = await discoveringGateway(`consul: { url: '${consul.url}' }`);
    closing.unshift(() => gateway.close());
    clients = await listChangeListeners(`http://127.0.0.1:${gateway.port}/mcp`);
    closing.unshift(() => clients.close());
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('there are none at first, and the gateway is ready', async () => {
    assert.deepEqual(await gateway.tools(), []);
    assert.equal(await gateway.readiness(), 200);
    assert.equal(gateway.health().discovery?.status, 'healthy');
  });

  it('a registered service appears', () =>
    leadsTo(['orders_create', 'orders_get'], () => api.register(ordersService('get', 'create'))));

  it('so does a native MCP server, and its tools are called there', async () => {
    const ms = await clients.toldBy(() => api.register(searchService()));
    assert.ok(ms < promptMs, `clients were told after ${Math.round(ms)} ms`);
    assert.ok((await gateway.tools()).includes('search_echo'));
    const { result } = await modernCall(gateway.port, 'search_echo', { text: 'hi' });
    assert.equal(result?.isError ?? false, false);
    await leadsTo(['orders_create', 'orders_get'], () => api.deregister('search-1'));
  });

  it('a changed registration changes the tools', () =>
    leadsTo(['orders_cancel', 'orders_get'], () => api.register(ordersService('get', 'cancel'))));

  it('a failing check takes the service away, a passing one brings it back', async () => {
    await leadsTo([], () => api.check('order-1', 'critical'));
    await leadsTo(['orders_cancel', 'orders_get'], () => api.check('order-1', 'passing'));
  });

  it('a service that is not for us, and becomes so, is found', async () => {
    await api.register({ ...ordersService('x'), Name: 'plain', ID: 'plain-1', Meta: {}, Check: {} });
    await leadsTo(['late', 'orders_cancel', 'orders_get'], () =>
      api.register({
        ...ordersService('x'),
        Name: 'plain',
        ID: 'plain-1',
        Meta: { 'mcp-enabled': 'true', 'mcp-tools': 'late' },
        Check: {},
      }),
    );
    await leadsTo(['orders_cancel', 'orders_get'], () => api.deregister('plain-1'));
  });

  it('while the agent is away, what is known stays, works, and health and metrics say so', async () => {
    const { watches, ...before } = await gateway.metrics();
    assert.deepEqual(before, { up: 1, stale_seconds: 0, services: 1, notices: 0 });
    assert.equal(watches, 3, 'the names of all, manifests, the service');
    await consul.stop();
    await eventually(5000, 'health being stale', () => gateway.health().discovery?.status === 'stale');
    const { discovery } = gateway.health();
    assert.match(discovery?.reason ?? '', /^Consul can not be reached \([A-Z]+\)$/);
    assert.ok(Date.parse(discovery?.since ?? '') <= Date.now());
    assert.deepEqual(await gateway.tools(), ['orders_cancel', 'orders_get']);
    const { result } = await modernCall(gateway.port, 'orders_get', { id: 7 });
    assert.equal(result?.isError ?? false, false);
    assert.equal(await gateway.readiness(), 200);
    const away = await gateway.metrics();
    assert.deepEqual([away['up'], away['services'], away['notices']], [0, 1, 0]);
    assert.ok((away['stale_seconds'] ?? 0) > 0);
    assert.ok(((await gateway.metrics())['stale_seconds'] ?? 0) > (away['stale_seconds'] ?? 0), 'it grows');
    await consul.start();
    await eventually(15_000, 'health being healthy', () => gateway.health().discovery?.status === 'healthy');
    assert.deepEqual(await gateway.tools(), ['orders_cancel', 'orders_get']);
    const { watches: again, ...after } = await gateway.metrics();
    assert.deepEqual([after, again], [before, watches]);
  });

  it('what changes while the gateway waits to ask again is not missed', async () => {
    await consul.restart();
    await api.register(ordersService('anew'));
    await gateway.showing(['orders_anew'], 15_000);
    await eventually(15_000, 'health being healthy', () => gateway.health().discovery?.status === 'healthy');
  });

  it('a deregistered service is gone', () => leadsTo([], () => api.deregister('order-1')));

  it('an agent that has lost its data, and its index with it, is followed', async () => {
    await leadsTo(['orders_old'], () => api.register(ordersService('old')));
    await consul.wipe();
    await gateway.showing([], 15_000);
    await eventually(15_000, 'health being healthy', () => gateway.health().discovery?.status === 'healthy');
    await leadsTo(['orders_new'], () => api.register(ordersService('new')));
  });
});
