/** The examples of docs/resilience.md, compiled and run. What stands there is compared with this file, piece by piece. */
import assert from 'node:assert/strict';
import { filter, map, type Observable } from 'rxjs';
import {
  constant,
  createGateway,
  loadSettings,
  type Gateway,
  type GatewayOptions,
  type Latest,
  type Settings,
  type Strategy,
} from '../../src/index.js';
import { silent } from '../../src/streams/log.js';
import { text, type McpTools } from '../support/mcpTools.js';
import { modernCall } from '../support/modern.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { saysWhatRuns } from './saysWhatRuns.js';

/** What may be repeated reads, and goes to the replicas; the first instance takes the rest. */
const readsToReplicas: Strategy = (candidates, { target }) =>
  target.repeatable ? [...candidates.slice(1), ...candidates.slice(0, 1)] : candidates;

const start = (settings: Latest<Settings>, options: GatewayOptions) =>
  createGateway(settings, {
    ...options,
    strategyOf: ({ name }) => (name === 'database' ? readsToReplicas : undefined),
  });

/** A line for each instance that gets into trouble. */
const alarms = ({ instances$ }: Pick<Gateway, 'instances$'>): Observable<string> =>
  instances$.pipe(
    filter(({ breaker, health }) => breaker === 'open' || health === 'unhealthy'),
    map(({ server, instance, failures }) => `${server}: ${instance} after ${failures} failed calls`),
  );

describe('docs/resilience.md', () => {
  let backends: readonly McpBackend[];
  let gateway: Gateway;
  let port: number;
  const heard: string[] = [];

  before(async () => {
    const tools: McpTools = {
      echo: (call) => call.reply(text('read')),
      pay: (call) => call.reply(text('paid')),
    };
    backends = await Promise.all([1, 2, 3].map(() => startMcpBackend({ tools })));
    const urls = backends.map(({ url }) => url).join(', ');
    const yaml = `
listen: { port: 0 }
admin: { port: 0 }
servers:
  database: { urls: [${urls}], circuit_breaker: { failures: 1, cooldown: 1h }, health_check: { enabled: false } }
  plain: { urls: [${urls}], strategy: failover, health_check: { enabled: false } }
`;
    const settings = loadSettings(yaml, { file: 'gateway.yaml', env: {}, baseDir: process.cwd() });
    gateway = start(constant(settings), { log: silent, version: '0.0.0-test' });
    port = Number(new URL((await gateway.listen()).url).port);
    await gateway.ready();
    alarms(gateway).subscribe((line) => heard.push(line));
  });
  after(async () => {
    await gateway.close();
    await Promise.all(backends.map((backend) => backend.close()));
  });
  const calls = () => backends.map((backend) => backend.calls);

  it('says what is compiled and run here', () => saysWhatRuns('resilience.md', 2, new URL(import.meta.url)));

  it("a strategy of one's own orders the instances of the server it is for", async () => {
    await modernCall(port, 'database_echo');
    await modernCall(port, 'database_echo');
    assert.deepEqual(calls(), [0, 2, 0]);
    await modernCall(port, 'database_pay');
    assert.deepEqual(calls(), [1, 2, 0]);
    await modernCall(port, 'plain_echo');
    assert.deepEqual(calls(), [2, 2, 0]);
  });

  it('states of instances are told to whoever follows them', async () => {
    assert.deepEqual(heard, []);
    await backends[1]?.close();
    await modernCall(port, 'database_echo');
    assert.match(heard.join('\n'), /^database: database#[0-9a-f]{8} after 1 failed calls$/);
  });
});
