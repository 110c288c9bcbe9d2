/** A real Prometheus scrapes a real gateway; the dashboard's queries and the alerts find what they look for. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { startService, type Service } from '../../backends/rest/startService.js';
import { eventually } from '../../support/eventually.js';
import { modernCall } from '../../support/modern.js';
import { run } from '../../support/services/run.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import {
  prometheusProgram,
  startPrometheus,
  type Prometheus,
} from '../../support/services/startPrometheus.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { startOtlp, type Otlp } from '../../support/startOtlp.js';

const rules = resolve('deploy/prometheus/rules.yml');

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string }[];
}

describe('metrics, by a real Prometheus', function () {
  this.timeout(180_000);
  let prometheus: Prometheus;
  let gateway: RunningGateway;
  let collector: Otlp;
  let service: Service;
  const closing: (() => Promise<unknown>)[] = [];

  before(async function () {
    service = await startService();
    closing.push(() => service.close());
    collector = await startOtlp();
    closing.push(() => collector.close());
    gateway = await startGateway(
      `  rest: { type: rest, url: '${service.url}', tools: { get: { path: / }, other: { path: /other } } }
telemetry:
  otlp: { endpoint: '${collector.url}', protocol: http/json, interval: 10ms }
  traces: {}
  metrics: { otlp: true, interval: 100ms }
`,
    );
    closing.push(() => gateway.close());
    prometheus = await serviceFor(this, () => startPrometheus([new URL(gateway.adminUrl).host], [rules]));
    closing.push(() => prometheus.close());
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  const promtool = async (args: readonly string[], input?: string): Promise<string> => {
    const { program, env } = await prometheusProgram('promtool');
    return run(program, args, { ms: 60_000, env, ...(input !== undefined && { input }) });
  };

  it('promtool takes the rules, and they fire when they should', async () => {
    assert.match(await promtool(['check', 'rules', rules]), /SUCCESS: \d+ rules found/);
    assert.match(await promtool(['test', 'rules', 'deploy/prometheus/rules.test.yml']), /SUCCESS/);
  });

  it('finds calls, tools, stages, and the trace of a call', async () => {
    for (let call = 0; call < 3; call++) await modernCall(gateway.port, 'rest_get');
    await modernCall(gateway.port, 'rest_missing');
    const value = async (query: string): Promise<number | undefined> =>
      (await prometheus.query(query))[0]?.value;
    await eventually(
      20_000,
      'three calls in Prometheus',
      async () =>
        (await value('mcp_gateway_tool_calls_total{job="sluice",tool="rest_get",outcome="success"}')) === 3,
    );
    assert.equal(await value('up{job="sluice"}'), 1);
    assert.equal(await value('sum(mcp_gateway_stage_refused_total{stage="resolveTool"})'), 1);
    assert.equal(await value('mcp_gateway_request_size_bytes_count{method="tools/call"}'), 4);
    const { traceId } = (await collector.until('a trace', (spans) => spans.length > 0))[0] ?? {};
    assert.ok(traceId);
    await eventually(20_000, 'an exemplar with a trace that the collector has', async () => {
      const found = (await prometheus.api(
        `query_exemplars?query=mcp_gateway_tool_duration_seconds_bucket&start=0&end=${Date.now() / 1000 + 60}`,
      )) as readonly { exemplars: readonly { labels: { trace_id: string } }[] }[];
      const told = found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id));
      return told.some((id) => collector.spans.some((span) => span.traceId === id));
    });
  });

  it('promtool finds nothing to complain of in what is scraped', async () => {
    await modernCall(gateway.port, 'rest_get');
    const scraped = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
    assert.match(scraped, /^mcp_gateway_tool_calls_total\{.*tool="rest_get"/m);
    assert.match(scraped, /^nodejs_eventloop_lag_seconds /m);
    assert.equal(await promtool(['check', 'metrics'], scraped), '');
  });

  it('understands every query of the dashboard', async () => {
    const { panels } = JSON.parse(await readFile('deploy/grafana/sluice.json', 'utf8')) as {
      panels: readonly Panel[];
    };
    const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    assert.ok(queries.length > 30);
    let found = 0;
    for (const query of queries)
      found += (
        await prometheus.query(query.replaceAll('$job', 'sluice').replaceAll('$__rate_interval', '1m'))
      ).length;
    assert.ok(found > 20, `${found} series`);
  });

  it('has the rules, and none is broken or fires for a gateway that is well', async () => {
    const { groups } = (await prometheus.api('rules')) as {
      groups: readonly { rules: readonly { name: string; health: string; state: string }[] }[];
    };
    const seen = groups.flatMap((group) => group.rules);
    assert.ok(seen.length > 10);
    assert.deepEqual(
      seen.filter(({ health, state }) => health === 'err' || state === 'firing').map(({ name }) => name),
      [],
    );
  });

  it('the same metrics go to a collector', async () => {
    await eventually(20_000, 'a reading with tools', () =>
      collector.requests.some(
        ({ path, body }) => path === '/v1/metrics' && body.includes('mcp_gateway_tool_calls_total'),
      ),
    );
  });
});
