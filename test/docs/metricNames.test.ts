/** Dashboard, alerts and the page about metrics name what there is, and the page all of it. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import type { Gateway } from '../../src/gateway/gateway.js';
import { constant } from '../../src/streams/latest.js';
import { silent } from '../../src/streams/log.js';

const name = /\b(?:mcp|process|nodejs)_[a-z0-9_]+\b/g;
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

  for (const file of ['deploy/grafana/sluice.json', 'deploy/prometheus/rules.yml'])
    it(`${file} names what there is`, async () => {
      const names = await named(file);
      assert.ok(names.length > 10);
      assert.deepEqual(
        names.filter((one) => !isThere(one)),
        [],
      );
    });

  it('docs/metrics.md names what there is, here or where something is configured', async () => {
    const written = new Set<string>();
    for (const file of await readdir('src', { recursive: true }))
      if (file.endsWith('.ts')) for (const one of await named(join('src', file))) written.add(one);
    const names = await named('docs/metrics.md');
    assert.ok(names.length > 10);
    assert.deepEqual(
      names.filter((one) => !isThere(one) && !written.has(one) && !one.endsWith('_')),
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
