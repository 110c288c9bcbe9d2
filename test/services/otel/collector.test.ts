/** What the gateway sends is what a real OpenTelemetry collector understands: it takes protobuf, and tells it on as JSON. */
import assert from 'node:assert/strict';
import { startService, type Service } from '../../backends/rest/startService.js';
import { modernCall } from '../../support/modern.js';
import { eventually } from '../../support/eventually.js';
import { startOtelCollector, type OtelCollector } from '../../support/services/startOtelCollector.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { samples } from '../../support/samples.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { startOtlp, type Otlp } from '../../support/startOtlp.js';

describe('a real OpenTelemetry collector', function () {
  this.timeout(900_000);
  let collector: OtelCollector;
  let behind: Otlp;
  let service: Service;
  let gateway: RunningGateway;
  const closing: (() => Promise<unknown>)[] = [];

  before(async function () {
    behind = await startOtlp();
    closing.push(() => behind.close());
    collector = await serviceFor(this, () => startOtelCollector(behind.url));
    closing.push(() => collector.close());
    service = await startService();
    closing.push(() => service.close());
    gateway = await startGateway(
      `  rest: { type: rest, url: '${service.url}', tools: { get: { path: / } } }
telemetry:
  otlp: { endpoint: '${collector.url}', compression: gzip, interval: 10ms, timeout: 500ms }
  traces: {}
  metrics: { otlp: true, interval: 100ms }
`,
    );
    closing.push(() => gateway.close());
  });
  after(async () => {
    for (const close of closing.reverse()) await close();
  });

  const sent = async (labels: string): Promise<number> => {
    const response = await fetch(new URL('/metrics', gateway.adminUrl));
    return samples(await response.text()).get(`mcp_gateway_otlp_${labels}`) ?? 0;
  };

  it('understands a trace as it was meant', async () => {
    await modernCall(gateway.port, 'rest_get');
    const spans = await behind.until('the call', (seen) =>
      seen.some(({ name }) => name === 'tools/call rest_get'),
    );
    const call = spans.find(({ name }) => name === 'tools/call rest_get');
    assert.ok(call);
    const attempt = spans.find(({ parentSpanId, kind }) => parentSpanId === call.spanId && kind === 3);
    assert.ok(attempt);
    assert.equal(attempt.traceId, call.traceId);
    assert.equal(service.seen.at(-1)?.headers['traceparent'], `00-${call.traceId}-${attempt.spanId}-01`);
    assert.equal(call.attributes['gen_ai.tool.name'], 'rest_get');
    assert.ok(call.start <= attempt.start && attempt.end <= call.end);
    assert.equal(call.resource['service.name'], 'sluice');
  });

  it('understands metrics', () =>
    eventually(20_000, 'a metric of a tool behind the collector', () =>
      behind.requests.some(
        ({ path, body }) => path === '/v1/metrics' && body.includes('mcp_gateway_tool_duration_seconds'),
      ),
    ));

  it('misses nothing for having been away', async () => {
    await collector.signal('SIGSTOP');
    for (let call = 0; call < 5; call++) await modernCall(gateway.port, 'rest_get');
    await collector.signal('SIGCONT');
    await behind.until(
      'six calls',
      (seen) => seen.filter(({ name }) => name === 'tools/call rest_get').length >= 6,
    );
    assert.equal(await sent('dropped_total{signal="traces",reason="lost"}'), 0);
  });
});
