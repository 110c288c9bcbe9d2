import assert from 'node:assert/strict';
import { banner } from '../../src/cli/banner.js';
import { loadSettings } from '../../src/config/load.js';
import type { Offer } from '../../src/streams/backend.js';
import { applyEvent, emptyCatalog, type Catalog } from '../../src/streams/catalog.js';
import type { ToolDefinition } from '../../src/protocol/mcp.js';
import { steadyInstances } from '../../src/testing/steadyInstances.js';
import { fakeTerminal } from './fakeTerminal.js';

const settings = loadSettings(
  'servers:\n  zebra: { url: http://127.0.0.1:1 }\n  ant: { url: http://127.0.0.1:2 }\n',
  { file: 'gateway.yaml', env: {}, baseDir: '/' },
);
const servers = settings.servers.map((server) => ({ settings: server, instances: steadyInstances([]) }));

const offer = (tools: readonly ToolDefinition[]): Offer => ({
  revision: '2025-11-25',
  capabilities: {},
  tools,
  resources: [],
  resourceTemplates: [],
  prompts: [],
  warnings: [],
});
const tool = (name: string, more: Partial<ToolDefinition> = {}): ToolDefinition => ({
  name,
  inputSchema: { type: 'object' },
  ...more,
});

/** The catalogue after each server has offered its tools; undefined for one that has failed. */
const catalogOf = (...offers: (readonly ToolDefinition[] | undefined)[]): Catalog =>
  offers.reduce<Catalog>(
    (catalog, tools, index) => {
      const server = servers[index];
      assert.ok(server);
      return applyEvent(
        catalog,
        tools === undefined
          ? { kind: 'failed', server, at: 0, reason: 'The backend can not be reached' }
          : { kind: 'offered', server, offer: offer(tools) },
      );
    },
    applyEvent(emptyCatalog, { kind: 'configured', settings, servers }),
  );

const shown = (catalog: Catalog): string => {
  const { stdout } = fakeTerminal();
  return banner({ url: 'http://127.0.0.1:8080/mcp', adminUrl: 'http://127.0.0.1:8081', catalog }, stdout, {});
};

describe('cli/banner', () => {
  it('names the endpoint and has something to paste for each client', () => {
    const text = shown(catalogOf([], []));
    assert.match(text, /MCP endpoint +http:\/\/127\.0\.0\.1:8080\/mcp\n/);
    assert.match(text, /claude mcp add --transport http sluice http:\/\/127\.0\.0\.1:8080\/mcp\n/);
    const pasted = [...text.matchAll(/^ *(\{"mcpServers".*)$/gm)].map(
      ([, json]) => JSON.parse(json ?? '') as object,
    );
    assert.equal(pasted.length, 3);
    assert.match(text, /inspector --cli http:\/\/127\.0\.0\.1:8080\/mcp/);
    assert.ok(!text.includes('\u001b'));
  });

  it('lists the tools with the server behind each, in the order of the configuration, and says how many more', () => {
    const many = Array.from({ length: 40 }, (_, n) => tool(`t${n}`, { description: 'One. Two.' }));
    const text = shown(catalogOf([tool('z')], many));
    assert.match(
      text,
      /Tools \(41\)\n {2}TOOL +SERVER +DESCRIPTION\n {2}zebra_z +zebra\n {2}ant_t0 +ant +One\n/,
    );
    assert.match(text, /and 11 more: sluice tools/);
  });

  it('tells which server does not answer', () => {
    assert.match(shown(catalogOf([tool('z')], undefined)), /! ant: The backend can not be reached\n/);
  });

  it('shows a call of a tool that reads only and needs nothing, else the list of tools', () => {
    const reading = tool('read', { annotations: { readOnlyHint: true } });
    const text = shown(catalogOf([tool('write')], [reading]));
    assert.match(text, /-H 'Mcp-Method: tools\/call' -H 'Mcp-Name: ant_read'/);
    assert.match(shown(catalogOf([tool('write')], [])), /-H 'Mcp-Method: tools\/list' \\\n/);
    const needy = tool('needy', {
      ...reading,
      name: 'needy',
      inputSchema: { type: 'object', required: ['a'] },
    });
    assert.match(shown(catalogOf([needy], [])), /tools\/list/);
  });
});
