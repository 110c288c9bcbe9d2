import assert from 'node:assert/strict';
import { eventually } from '../support/eventually.js';
import { modernCall } from '../support/modern.js';
import { samples } from '../support/samples.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

describe('metrics of a running gateway', () => {
  let backends: readonly McpBackend[];
  let gateway: RunningGateway;
  before(async () => {
    backends = await Promise.all([startMcpBackend(), startMcpBackend()]);
    const urls = backends.map(({ port }) => `http://127.0.0.1:${port}/mcp`).join(', ');
    gateway = await startGateway(
      `  search:\n    urls: [${urls}]\n    health_check: { interval: 50ms, timeout: 500ms }\n` +
        '    circuit_breaker: { failures: 1 }\n',
    );
  });
  after(async () => {
    await gateway.close();
    await Promise.all(backends.map((backend) => backend.close()));
  });

  const scrape = async () => {
    const response = await fetch(new URL('/metrics', gateway.adminUrl));
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
    return samples(await response.text());
  };

  it('tells of calls, instances, sessions and the process', async () => {
    await modernCall(gateway.port, 'search_echo', { text: 'hi' });
    await modernCall(gateway.port, 'search_nothing', {});
    const seen = await scrape();
    const count = (labels: string) => seen.get(`mcp_gateway_requests_total{${labels}}`);
    assert.equal(count('method="tools/call",server="search",outcome="success"'), 1);
    assert.equal(count('method="tools/call",server="",outcome="not_found"'), 1);
    assert.equal(seen.get('mcp_gateway_info{version="0.0.0-test"}'), 1);
    for (const name of ['mcp_gateway_calls_in_flight', 'mcp_gateway_streams', 'mcp_gateway_sessions'])
      assert.equal(seen.get(name), 0, name);
    assert.ok((seen.get('process_resident_memory_bytes') ?? 0) > 1e6);
    assert.ok(seen.has('nodejs_eventloop_lag_p99_seconds'));
    assert.ok(![...seen.keys()].some((name) => name.startsWith('mcp_gateway_discovery')));
  });

  it('shows the pipeline: what each stage was entered by, and what it refused', async () => {
    const before = await scrape();
    await modernCall(gateway.port, 'search_echo', { text: 'hi' });
    await modernCall(gateway.port, 'search_nothing', {});
    const now = await scrape();
    const rise = (labels: string) =>
      (now.get(`mcp_gateway_stage_${labels}`) ?? 0) - (before.get(`mcp_gateway_stage_${labels}`) ?? 0);
    for (const stage of ['admit', 'authenticate', 'needTenant', 'openSession', 'checkShape', 'limitRate'])
      assert.equal(rise(`entered_total{stage="${stage}"}`), 2, stage);
    assert.equal(rise('entered_total{stage="resolveTool"}'), 2);
    assert.equal(rise('refused_total{stage="resolveTool",error="ERR_TOOL_UNKNOWN"}'), 1);
    for (const stage of [
      ...['enterServer', 'limitCalls', 'confirmHeaders', 'validateArguments', 'authorize', 'redactArguments'],
      ...['openState', 'limitServer', 'limitConcurrency', 'retryAcrossInstances', 'invoke', 'answer'],
    ])
      assert.equal(rise(`entered_total{stage="${stage}"}`), 1, stage);
    assert.equal(now.get('mcp_gateway_stage_calls{stage="invoke"}') ?? 0, 0);
  });

  it('sees an instance die and its circuit open', async () => {
    await backends[1]?.close();
    await eventually(10_000, 'one of two instances being down', async () => {
      const seen = [...(await scrape())];
      const up = seen.filter(([name]) => name.startsWith('mcp_server_up')).map(([, value]) => value);
      return up.length === 2 && up.filter((value) => value === 0).length === 1;
    });
    const calls = Array.from({ length: 4 }, () => modernCall(gateway.port, 'search_echo', { text: 'hi' }));
    await Promise.all(calls);
    const seen = [...(await scrape())];
    const latencies = seen.filter(([name]) => name.startsWith('mcp_server_latency_seconds'));
    assert.ok(latencies.length >= 2);
    for (const [name, value] of latencies) assert.ok(value >= 0 && value < 60, name);
    assert.equal(seen.filter(([name]) => name.startsWith('mcp_gateway_circuit_state')).length, 6);
  });
});
