/** Dashboard, alerts and the page about metrics name what there is, and the page all of it. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import type { Gateway } from '../../src/gateway/gateway.js';
import { constant } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';

const name = /\b(?:mcp|process|nodejs)_[a-z0-9_]+\b/g;
/** Of the process that workers share, and of an audit trail that goes somewhere by HTTP. */
const elsewhere = new Set([
  'mcp_gateway_workers',
  'mcp_gateway_workers_replaced_total',
  'mcp_gateway_records_dropped_total',
  'mcp_gateway_audit_batches_total',
]);

describe('names of metrics', () => {
  let folder: string;
  let gateway: Gateway;
  let types: ReadonlyMap<string, string>;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-names-'));
    const text = `audit: { file: ${join(folder, 'audit.ndjson')} }\nservers: {}\n`;
    const settings = loadSettings(text, { file: 'names.yaml', env: {}, baseDir: folder });
    gateway = createGateway(constant(settings), { log: silent, version: '0' });
    const metrics = await gateway.metrics().getMetricsAsJSON();
    types = new Map(metrics.map((metric) => [metric.name, String(metric.type)]));
  });
  after(async () => {
    await gateway.close();
    await rm(folder, { recursive: true });
  });

  const isThere = (found: string): boolean =>
    types.has(found) || types.get(found.replace(/_(?:bucket|sum|count)$/, '')) === 'histogram';
  const named = async (file: string): Promise<readonly string[]> => [
    ...new Set((await readFile(file, 'utf8')).match(name) ?? []),
  ];

  for (const file of ['deploy/grafana/sluice.json', 'deploy/prometheus/rules.yml', 'docs/metrics.md'])
    it(`${file} names what there is`, async () => {
      const names = await named(file);
      assert.ok(names.length > 10);
      assert.deepEqual(
        names.filter((one) => !isThere(one) && !elsewhere.has(one) && !one.endsWith('_')),
        [],
      );
    });

  it('docs/metrics.md leaves none of ours out', async () => {
    const told = new Set(await named('docs/metrics.md'));
    assert.deepEqual(
      [...types.keys()].filter((one) => one.startsWith('mcp_') && !told.has(one)),
      [],
    );
  });
});
