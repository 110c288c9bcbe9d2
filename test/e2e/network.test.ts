import assert from 'node:assert/strict';
import { modernCall } from '../support/modern.js';
import { startCountedService, type CountedService } from '../support/startCountedService.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

describe('a gateway with rules about networks', () => {
  let service: CountedService;
  let gateway: RunningGateway | undefined;
  beforeEach(async () => {
    service = await startCountedService();
  });
  afterEach(async () => {
    await gateway?.close();
    gateway = undefined;
    await service.close();
  });
  const server = (host: string, network = '') => `
  orders:
    type: rest
    url: http://${host}:${new URL(service.url).port}
    tools:
      get: { path: /orders }
network: {${network}}`;

  it('goes to no denied address, whoever names it, and tells no more than that', async () => {
    gateway = await startGateway(server('localhost', 'denied: [127.0.0.0/8, "::1"]'));
    const { error } = await modernCall(gateway.port, 'orders_get', {});
    assert.equal(error?.message, 'The backend is in a network where it may not be (see `network`)');
    assert.equal(service.seen.length, 0);
    assert.equal(service.connections, 0);
  });

  it('takes changed rules for the next connection', async () => {
    gateway = await startGateway(server('localhost', 'denied: [localhost]'));
    await modernCall(gateway.port, 'orders_get', {});
    assert.equal(service.seen.length, 0);
    gateway.configure(server('localhost', 'denied: []'));
    assert.equal((await modernCall(gateway.port, 'orders_get', {})).error, undefined);
    assert.equal(service.seen.length, 1);
  });
});
