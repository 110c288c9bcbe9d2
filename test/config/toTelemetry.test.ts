import assert from 'node:assert/strict';
import { toTelemetry } from '../../src/config/toTelemetry.js';

describe('config/toTelemetry', () => {
  it('traces nothing and sends nothing unless it is told to', () => {
    const { traces, metrics } = toTelemetry({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' });
    assert.equal(traces, undefined);
    assert.equal(metrics.everyMs, undefined);
  });

  it('has the defaults of OpenTelemetry', () => {
    const { otlp, traces } = toTelemetry({ traces: {} }, {});
    assert.equal(otlp.urls.traces, 'http://localhost:4318/v1/traces');
    assert.equal(otlp.encoding, 'protobuf');
    assert.equal(otlp.timeoutMs, 10_000);
    assert.deepEqual(otlp.resource, { 'service.name': 'sluice' });
    assert.deepEqual(traces, { ratio: 1, followsParent: true, hasErrors: true });
  });

  it('takes from the environment what the file does not say', () => {
    const { otlp, traces } = toTelemetry(
      { traces: {} },
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector:4318/',
        OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'http://logs/own',
        OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b,malformed,x=%E0%A4',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
        OTEL_EXPORTER_OTLP_TIMEOUT: '500',
        OTEL_SERVICE_NAME: 'gate',
        OTEL_RESOURCE_ATTRIBUTES: 'k8s.podName=tools,service.name=other',
        OTEL_TRACES_SAMPLER: 'traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
      },
    );
    assert.deepEqual(otlp.urls, {
      traces: 'https://collector:4318/v1/traces',
      metrics: 'https://collector:4318/v1/metrics',
      logs: 'http://logs/own',
    });
    assert.deepEqual(
      Object.entries(otlp.headers).map(([name, value]) => [name, Buffer.from(value.reveal()).toString()]),
      [['api-key', 'a b']],
    );
    assert.deepEqual([otlp.encoding, otlp.isCompressed, otlp.timeoutMs], ['json', true, 500]);
    assert.deepEqual(otlp.resource, { 'k8s.podName': 'tools', 'service.name': 'gate' });
    assert.deepEqual(traces, { ratio: 0.25, followsParent: false, hasErrors: true });
  });

  it('the file is of more weight', () => {
    const { otlp, traces } = toTelemetry(
      {
        service: 'mine',
        otlp: { endpoint: 'http://here:1/base', headers: { 'Api-Key': 'mine' }, timeout: '1s' },
        traces: { ratio: 0.5, parent: 'ignore', errors: false },
      },
      {
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://elsewhere/v1/traces',
        OTEL_EXPORTER_OTLP_HEADERS: 'api-key=theirs',
        OTEL_EXPORTER_OTLP_TIMEOUT: '500',
        OTEL_SERVICE_NAME: 'theirs',
        OTEL_TRACES_SAMPLER: 'always_off',
      },
    );
    assert.equal(otlp.urls.traces, 'http://here:1/base/v1/traces');
    assert.equal(Buffer.from(otlp.headers['api-key']?.reveal() ?? []).toString(), 'mine');
    assert.equal(otlp.timeoutMs, 1000);
    assert.equal(otlp.resource['service.name'], 'mine');
    assert.deepEqual(traces, { ratio: 0.5, followsParent: false, hasErrors: false });
  });

  it('shows no header to whoever prints it', () => {
    const { otlp } = toTelemetry({ otlp: { headers: { authorization: 'Bearer hunter2' } } }, {});
    assert.doesNotMatch(JSON.stringify(otlp), /hunter2/);
  });

  it('OTEL_SDK_DISABLED turns all of it off', () => {
    const { traces, metrics } = toTelemetry(
      { traces: {}, metrics: { otlp: true } },
      { OTEL_SDK_DISABLED: 'true' },
    );
    assert.deepEqual([traces, metrics.everyMs], [undefined, undefined]);
  });
});
