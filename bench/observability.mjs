/**
 * The price of seeing what happens: the same calls through a gateway with nothing configured but its backend (its metrics and its log are
 * always on), with one kind of record of them, and with all: traces of every call and of a tenth of them, sent to a collector that takes
 * everything; metrics sent every second; the audit trail, chained and on disk; analytics. See compared.mjs.
 */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { measureCompared } from './compared.mjs';
import { temporaryFolder } from './temporaryFolder.mjs';

/** A collector that reads what it is sent and does nothing with it. */
const startCollector = async () => {
  let bytes = 0;
  const server = createServer((request, response) => {
    request.on('data', (chunk) => (bytes += chunk.length));
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return { url: `http://127.0.0.1:${server.address().port}`, bytes: () => bytes };
};

/** @returns figures of each configuration, medians of the rounds */
export const measureObservability = async (plan) => {
  const folder = temporaryFolder();
  const collector = await startCollector();
  const otlp = `telemetry:\n  otlp: { endpoint: '${collector.url}' }\n`;
  const metrics = '  metrics: { otlp: true, interval: 1s }\n';
  const audit = (name) => `audit: { file: ${join(folder, name)}.ndjson }\n`;
  const analytics = (name) => `analytics: { path: ${join(folder, name)} }\n`;
  const all = (traces, name) => `${otlp}  traces: ${traces}\n${metrics}${audit(name)}${analytics(name)}`;
  const cells = await measureCompared(plan, {
    none: '',
    'traces of all': `${otlp}  traces: {}\n`,
    'traces of a tenth': `${otlp}  traces: { ratio: 0.1 }\n`,
    metrics: otlp + metrics,
    audit: (n) => audit(`audit-${n}`),
    analytics: (n) => analytics(`analytics-${n}`),
    'all, a tenth traced': (n) => all('{ ratio: 0.1 }', `tenth-${n}`),
    all: (n) => all('{}', `all-${n}`),
  });
  if (collector.bytes() === 0) throw new Error('The collector was sent nothing');
  return cells;
};
