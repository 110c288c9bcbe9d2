/** The example of docs/metrics.md, compiled and run. What stands there is compared with this file. */
import assert from 'node:assert/strict';
import { Counter } from 'prom-client';
import {
  constant,
  createGateway,
  loadSettings,
  type GatewayOptions,
  type Latest,
  type Settings,
} from '../../src/index.js';
import { silent } from '../../src/streams/log.js';
import { samples } from '../support/samples.js';
import { saysWhatRuns } from './saysWhatRuns.js';

const start = (settings: Latest<Settings>, options: GatewayOptions) => {
  const gateway = createGateway(settings, options);
  // A metric of the program's own, beside the gateway's.
  const orders = new Counter({ name: 'orders_total', help: 'Orders.', registers: [gateway.metrics()] });
  // And one that follows the states of instances: see docs/resilience.md.
  const changes = new Counter({
    name: 'instance_changes_total',
    help: 'What happened to instances.',
    labelNames: ['server', 'breaker'],
    registers: [gateway.metrics()],
  });
  gateway.instances$.subscribe(({ server, breaker }) => changes.inc({ server, breaker }));
  return { gateway, orders };
};

describe('docs/metrics.md', () => {
  it('says what is compiled and run here', () => saysWhatRuns('metrics.md', 1, new URL(import.meta.url)));

  it("a program's own metrics stand beside the gateway's", async () => {
    const settings = loadSettings(
      'servers: { orders: { type: rest, url: "http://127.0.0.1:9", tools: { get: { path: / } } } }',
      {
        file: 'gateway.yaml',
        env: {},
        baseDir: process.cwd(),
      },
    );
    const { gateway, orders } = start(constant(settings), { log: silent, version: '0.0.0-test' });
    orders.inc(2);
    const seen = samples(await gateway.metrics().metrics());
    assert.equal(seen.get('orders_total'), 2);
    assert.equal(seen.get('instance_changes_total{server="orders",breaker="closed"}'), 1);
    assert.equal(seen.get('mcp_server_instances{server="orders"}'), 1);
    await gateway.close();
  });
});
