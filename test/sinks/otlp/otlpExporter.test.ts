import assert from 'node:assert/strict';
import { Agent } from 'undici';
import { Registry } from 'prom-client';
import { toTelemetry } from '../../../src/config/toTelemetry.js';
import { otlpExporter } from '../../../src/sinks/otlp/otlpExporter.js';
import { otlpTotals } from '../../../src/sinks/otlp/otlpTotals.js';
import { spanEncoding } from '../../../src/sinks/otlp/spanEncoding.js';
import type { Span } from '../../../src/sinks/traces/span.js';
import { silent, type Log } from '../../../src/streams/log.js';
import { samples } from '../../support/samples.js';
import { startOtlp, type Otlp } from '../../support/startOtlp.js';

const span = (name: string): Span => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  parentId: undefined,
  isEntry: false,
  state: undefined,
  kind: 'server',
  name,
  start: 1_700_000_000_000,
  end: 1_700_000_000_001.5,
  attributes: { text: 'x', none: undefined },
  failure: undefined,
  beside: undefined,
});

describe('sinks/otlp/otlpExporter', () => {
  let collector: Otlp;
  beforeEach(async () => {
    collector = await startOtlp();
  });
  afterEach(() => collector.close());

  const exporting = (otlp: object = {}) => {
    const registry = new Registry();
    const events: unknown[] = [];
    const note: Log['info'] = ({ event }) => void events.push(event);
    const { otlp: settings } = toTelemetry(
      { otlp: { endpoint: collector.url, protocol: 'http/json', interval: '1ms', ...otlp } },
      {},
    );
    const exporter = otlpExporter<Span>({
      signal: 'traces',
      settings: () => settings,
      connect: () => new Agent(),
      encoding: () => Promise.resolve(spanEncoding('1')),
      totals: otlpTotals(registry),
      log: { ...silent, info: note, warn: note },
    });
    const total = async (labels: string) =>
      samples(await registry.metrics()).get(`mcp_gateway_otlp_${labels}`) ?? 0;
    return { exporter, events, total };
  };

  it('sends what it is given, and nothing that is not known', async () => {
    const { exporter, total } = exporting();
    exporter.push(span('a'), span('b'));
    await exporter.close(10_000);
    assert.deepEqual(
      collector.spans.map(({ name, attributes, end }) => [name, attributes, end]),
      [
        ['a', { text: 'x' }, 1_700_000_000_001_500_000n],
        ['b', { text: 'x' }, 1_700_000_000_001_500_000n],
      ],
    );
    assert.equal(await total('sent_total{signal="traces"}'), 2);
  });

  it('asks again where the collector is away for a moment', async () => {
    const { exporter, total, events } = exporting();
    collector.refuse(503, 429);
    exporter.push(span('a'));
    await exporter.close(10_000);
    assert.deepEqual(collector.requests.length, 3);
    assert.equal(await total('sent_total{signal="traces"}'), 1);
    assert.deepEqual(events, []);
  });

  it('does not ask again what the collector does not want, counts it and says so once', async () => {
    const { exporter, total, events } = exporting();
    collector.refuse(400);
    exporter.push(span('a'), span('b'));
    await exporter.close(10_000);
    assert.equal(collector.requests.length, 1);
    assert.equal(await total('dropped_total{signal="traces",reason="refused"}'), 2);
    assert.deepEqual(events, ['otlp_failed']);
  });

  it('gives up at its end where the collector stays away', async () => {
    const { exporter, total } = exporting({ endpoint: 'http://127.0.0.1:1' });
    exporter.push(span('a'));
    await exporter.close(1);
    assert.equal(await total('dropped_total{signal="traces",reason="lost"}'), 1);
  });

  it('writes protobuf unless it is told not to', async () => {
    const { exporter } = exporting({ protocol: undefined, headers: { Authorization: 'Bearer x' } });
    exporter.push(span('a name'));
    await exporter.close(10_000);
    const [request] = collector.requests;
    assert.equal(request?.headers['content-type'], 'application/x-protobuf');
    assert.equal(request.headers.authorization, 'Bearer x');
    assert.ok(request.body.includes('a name') && request.body.includes(Buffer.from(span('').spanId, 'hex')));
  });
});
