import { Client } from '@modelcontextprotocol/client';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import assert from 'node:assert/strict';
import { discovery } from '../backends/mcp/modernScript.js';
import { scriptedServer, type ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

const inputSchema = { type: 'object' };
const tools = [
  { name: 'nulls', inputSchema, description: null, annotations: null, outputSchema: null, icons: null },
  { name: 'numbers', inputSchema, outputSchema: { type: 'array', items: { type: 'number' } } },
  { name: 'anything', inputSchema: { type: 'object', properties: { any: true, never: false } } },
  { name: 'hopeless', inputSchema: { type: 'object', required: 'name' } },
  { name: 'fine', inputSchema, description: 'Fine' },
];
const resources = [
  { uri: 'doc:a', name: 'a', size: null, annotations: { lastModified: 'yesterday' } },
  { uri: 'doc:b', name: 'b', title: 'B' },
];

/** Clients refuse a whole list for one definition that they can't read, and through the gateway the list is everybody's. */
describe('definitions as they come in the wild', () => {
  let server: ScriptedServer;
  let gateway: RunningGateway;

  before(async () => {
    const complete = { resultType: 'complete', ttlMs: 60_000, cacheScope: 'public' };
    server = await scriptedServer((request) => {
      const { method } = request.body;
      if (method === 'server/discover')
        request.result({ ...discovery, capabilities: { tools: {}, resources: {} } });
      else if (method === 'tools/list') request.result({ ...complete, tools });
      else if (method === 'resources/list') request.result({ ...complete, resources });
      else if (method === 'resources/templates/list') request.result({ ...complete, resourceTemplates: [] });
      else request.result({ ...complete, content: [], structuredContent: [1, 2] });
    });
    gateway = await startGateway(`  it: { url: '${server.url}' }`);
  });
  after(async () => {
    await gateway.close();
    await server.close();
  });

  const offered = ['it_anything', 'it_fine', 'it_nulls', 'it_numbers'];

  it('are readable for the official v1 client, and the results of their tools are', async () => {
    const client = new ClientV1({ name: 'test', version: '1' });
    await client.connect(new TransportV1(new URL(gateway.url)));
    const listed = await client.listTools();
    assert.deepEqual(
      listed.tools.map(({ name }) => name),
      offered,
    );
    assert.deepEqual(
      (await client.listResources()).resources.map(({ uri }) => uri),
      ['doc:a', 'doc:b'],
    );
    const { content, structuredContent } = await client.callTool({ name: 'it_numbers', arguments: {} });
    assert.deepEqual([content, structuredContent], [[{ type: 'text', text: '[1,2]' }], undefined]);
    await client.close();
  });

  it('are readable for the official v2 client, and kept as far as they can be', async () => {
    const client = new Client(
      { name: 'test', version: '1' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await client.connect(new StreamableHTTPClientTransport(new URL(gateway.url)));
    const listed = await client.listTools();
    assert.deepEqual(
      listed.tools.map(({ name }) => name),
      offered,
    );
    assert.deepEqual(listed.tools[3]?.outputSchema, tools[1]?.outputSchema);
    const { structuredContent } = await client.callTool({ name: 'it_numbers', arguments: {} });
    assert.deepEqual(structuredContent, [1, 2]);
    await client.close();
  });
});
