import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.js';
import { modernCall } from '../../support/modern.js';
import { consulApi, type ConsulApi } from '../../support/services/consulApi.js';
import { discoveringGateway, type DiscoveringGateway } from '../../support/services/discoveringGateway.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startConsul, type Consul } from '../../support/services/startConsul.js';
import { startCountedService, type CountedService } from '../../support/startCountedService.js';

describe('instances of a service in a real Consul agent', function () {
  this.timeout(60_000);
  let consul: Consul;
  let api: ConsulApi;
  let services: readonly CountedService[];
  let gateway: DiscoveringGateway;
  const closing: (() => Promise<unknown>)[] = [];

  const register = (index: number) =>
    api.register({
      Name: 'order-service',
      ID: `order-${index}`,
      Address: '127.0.0.1',
      Port: Number(new URL(services[index]?.url ?? '').port),
      Meta: { 'mcp-enabled': 'true', 'mcp-toolPrefix': 'orders', 'mcp-tools': 'get' },
      Check: { CheckID: `service:order-${index}`, TTL: '1h', Status: 'passing' },
    });
  const call = () => modernCall(gateway.port, 'orders_get', {});
  const instances = () => gateway.health().servers[0]?.instances ?? [];
  const having = (count: number) =>
    eventually(5000, `${count} instances`, () => instances().length === count);

  before(async function () {
    consul = await serviceFor(this, () => startConsul());
    closing.unshift(() => consul.close());
    api = consulApi(consul);
    services = await Promise.all([startCountedService(), startCountedService(500), startCountedService()]);
    for (const service of services) closing.unshift(() => service.close());
    await register(0);
    await register(1);
    gateway = await discoveringGateway(`consul: { url: '${consul.url}' }`);
    closing.unshift(() => gateway.close());
    await having(2);
  });
  after(async () => {
    for (const close of closing) await close();
  });

  it('those that stay keep connections and breakers while others come, fail their checks and go', async () => {
    const ids = () => new Set(instances().map(({ id }) => id));
    /** Open, or half-open once its cooldown is over. */
    const broken = () => instances().flatMap(({ id, breaker }) => (breaker === 'closed' ? [] : [id]));
    await eventually(5000, 'a breaker being open', async () => {
      await call();
      return broken().length === 1;
    });
    const [before, broke] = [ids(), broken()];
    await register(2);
    await having(3);
    assert.deepEqual(broken(), broke);
    await api.check('order-2', 'critical');
    await having(2);
    await api.deregister('order-0');
    await having(1);
    assert.deepEqual(broken(), broke, 'the only one that is left, and still known to be broken');
    await register(0);
    await having(2);
    assert.deepEqual(broken(), broke);
    assert.deepEqual(ids(), before, 'the address is the identity');
    await call();
    assert.equal(services[1]?.connections, 1);
  });
});
