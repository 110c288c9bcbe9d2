import assert from 'node:assert/strict';
import { modernCall } from '../support/modern.js';
import { discoveringGateway, type DiscoveringGateway } from '../support/services/discoveringGateway.js';
import { startCountedService, type CountedService } from '../support/startCountedService.js';

/** What does not touch the server's connections: other addresses. */
describe('a running gateway whose server gets other instances', () => {
  let services: readonly CountedService[];
  let gateway: DiscoveringGateway;
  const yaml = (...urls: (string | undefined)[]): string => `
servers:
  orders:
    type: rest
    urls: [${urls.join(', ')}]
    circuit_breaker: { failures: 1, cooldown: 1h }
    health_check: { enabled: false }
    tools:
      get: { path: /orders }
`;
  const call = () => modernCall(gateway.port, 'orders_get', {});
  const instances = () => gateway.health().servers[0]?.instances ?? [];
  const states = () => Object.fromEntries(instances().map(({ id, breaker }) => [id, breaker]));

  before(async () => {
    services = await Promise.all([startCountedService(), startCountedService(500), startCountedService()]);
    const [well, broken] = services;
    gateway = await discoveringGateway(yaml(well?.url, broken?.url));
  });
  after(async () => {
    await gateway.close();
    await Promise.all(services.map((service) => service.close()));
  });

  it('keeps connections and breakers of those that stay, and closes those of one that goes', async () => {
    const [well, broken, another] = services;
    await call();
    await call();
    const before = states();
    assert.deepEqual(Object.values(before), ['closed', 'open']);
    gateway.configure(yaml(another?.url, broken?.url, well?.url));
    assert.deepEqual(Object.keys(states()).slice(1), Object.keys(before).toReversed());
    assert.deepEqual(Object.values(states()), ['closed', 'open', 'closed']);
    for (let times = 0; times < 4; times++) await call();
    assert.equal(another?.seen.length, 2);
    assert.equal(broken?.seen.length, 1, 'its breaker is open');
    assert.equal(well?.connections, 1);
    gateway.configure(yaml(broken.url, another.url));
    for (let times = 0; times < 4; times++) await call();
    assert.equal(another.connections, 1);
    assert.equal(another.seen.length, 6);
    assert.equal(broken.seen.length, 1);
  });
});
