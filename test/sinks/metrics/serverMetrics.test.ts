import assert from 'node:assert/strict';
import { Registry } from 'prom-client';
import type { McpServerSettings } from '../../../src/config/settings.js';
import { serverMetrics } from '../../../src/sinks/metrics/serverMetrics.js';
import { applyEvent } from '../../../src/streams/catalog.js';
import type { Standing } from '../../../src/streams/balancing/standing.js';
import type { ServerState } from '../../../src/streams/serverState.js';
import { constant } from '../../../src/streams/latest.js';
import { steadyInstances } from '../../../src/testing/steadyInstances.js';
import { serverOffering, serverSettings } from '../../../src/testing/serverOffering.js';
import { catalogOf, tool } from '../../operators/scenarios.js';
import { instancesWith } from '../../streams/balancing/instances.js';
import { samples } from '../../support/samples.js';

const secretive = { urls: ['http://user:hunter2@backend.test/?key=hunter2'] };

describe('sinks/metrics/serverMetrics', () => {
  const setUp = () => {
    const instances = instancesWith(['search#1', 'search#2']);
    const [first, second] = instances.map(({ standing }) => standing) as [Standing, Standing];
    const search = serverOffering('search', { tools: [tool('a'), tool('b')] }, secretive, instances);
    const single = serverOffering('single', { tools: [] });
    let catalog = constant(catalogOf(search, single));
    const registry = new Registry();
    serverMetrics(registry, {
      get current() {
        return catalog.current;
      },
      changes$: catalog.changes$,
    });
    const fails = (server: ServerState): void => {
      catalog = constant(applyEvent(catalog.current, { kind: 'failed', server, at: 0, reason: 'gone' }));
    };
    const become = (...servers: ServerState[]): void => {
      catalog = constant(catalogOf(...servers));
    };
    const read = async () => {
      const seen = samples(await registry.metrics());
      return (name: string) => seen.get(name);
    };
    after(() => instances.forEach(({ standing }) => standing.end()));
    return { first, second, single, search, fails, become, read, registry };
  };

  it('up: by its pings, or where none are sent by the answers to what it offers', async () => {
    const { first, single, fails, read } = setUp();
    let value = await read();
    assert.equal(value('mcp_server_up{server="search",instance="search#1"}'), 1);
    assert.equal(value('mcp_server_up{server="single",instance="single#1"}'), 1);
    first.report({ status: 'unhealthy', latencyMs: undefined, failures: 2 });
    fails(single);
    value = await read();
    assert.equal(value('mcp_server_up{server="search",instance="search#1"}'), 0);
    assert.equal(value('mcp_server_up{server="search",instance="search#2"}'), 1);
    assert.equal(value('mcp_server_up{server="single",instance="single#1"}'), 0);
  });

  it('how many there are, and for how long their addresses may have been out of date', async () => {
    const { single, search, become, read } = setUp();
    const found = (stale?: number): ServerState => ({
      ...single,
      settings: {
        ...serverSettings('single'),
        dns: { family: 'auto', resolvers: [], minTtlMs: 1, maxTtlMs: 1, emptyAfterMs: 1 },
      } as McpServerSettings,
      instances: {
        ...steadyInstances([], 'single'),
        stale: stale === undefined ? undefined : { since: stale, reason: 'no answer' },
      },
    });
    become(search, found(Date.now() - 60_000));
    let value = await read();
    assert.equal(value('mcp_server_instances{server="search"}'), 2);
    assert.equal(value('mcp_server_instances{server="single"}'), 0);
    assert.equal(value('mcp_server_up{server="single"}'), 0);
    assert.ok((value('mcp_server_addresses_stale_seconds{server="single"}') ?? 0) >= 60);
    assert.equal(value('mcp_server_addresses_stale_seconds{server="search"}'), undefined);
    become(search, found());
    value = await read();
    assert.equal(value('mcp_server_addresses_stale_seconds{server="single"}'), 0);
  });

  it('latency of pings and calls, in seconds, once there was one', async () => {
    const { first, read } = setUp();
    assert.equal(
      (await read())('mcp_server_latency_seconds{server="search",instance="search#1",of="ping"}'),
      undefined,
    );
    first.report({ status: 'healthy', latencyMs: 20, failures: 0 });
    first.begin();
    first.replied(500);
    const value = await read();
    assert.equal(value('mcp_server_latency_seconds{server="search",instance="search#1",of="ping"}'), 0.02);
    assert.equal(value('mcp_server_latency_seconds{server="search",instance="search#1",of="call"}'), 0.5);
    assert.equal(value('mcp_server_calls_in_flight{server="search",instance="search#1"}'), 1);
  });

  it('the breaker: its state, and how often it has opened for what', async () => {
    const { first, second, read } = setUp();
    for (let i = 0; i < 2; i++) first.failed(first.begin());
    for (let i = 0; i < 30; i++) {
      second.begin();
      second.replied(1);
      second.succeeded(0);
    }
    const value = await read();
    const state = (instance: string, name: string) =>
      value(`mcp_gateway_circuit_state{server="search",instance="search#${instance}",state="${name}"}`);
    assert.deepEqual(
      ['closed', 'open', 'half-open'].map((name) => state('1', name)),
      [0, 1, 0],
    );
    assert.deepEqual(
      ['closed', 'open', 'half-open'].map((name) => state('2', name)),
      [1, 0, 0],
    );
    const opened = (cause: string) =>
      value(`mcp_gateway_circuit_opened_total{server="search",instance="search#1",cause="${cause}"}`);
    assert.deepEqual([opened('failures'), opened('slowness')], [1, 0]);
  });

  it('one that is far slower than the other is counted as such', async () => {
    const { first, second, read } = setUp();
    const answers = (standing: Standing, ms: number): void => {
      for (let i = 0; i < 30; i++) {
        const ticket = standing.begin();
        standing.replied(ms);
        standing.succeeded(ticket);
      }
    };
    answers(first, 1);
    answers(second, 2000);
    const value = await read();
    assert.equal(
      value('mcp_gateway_circuit_opened_total{server="search",instance="search#2",cause="slowness"}'),
      1,
    );
  });

  it('what has gone is shown no more, and no address ever is', async () => {
    const { search, single, become, read, registry } = setUp();
    assert.equal((await read())('mcp_server_tools{server="search"}'), 2);
    assert.doesNotMatch(await registry.metrics(), /hunter2|backend\.test/);
    become(single);
    assert.doesNotMatch(await registry.metrics(), /search/);
    become(single, search);
    assert.match(await registry.metrics(), /search/);
  });
});
