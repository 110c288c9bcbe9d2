import assert from 'node:assert/strict';
import { once } from 'node:events';
import { lastValueFrom } from 'rxjs';
import { within } from '../../support/within.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import { discovery } from './modernScript.js';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';

describe('mcpBackend, the offer of a modern server', () => {
  let server: ScriptedServer;
  let script: (request: Received) => void;

  beforeEach(async () => {
    server = await scriptedServer((request) =>
      request.body.method === 'server/discover' ? request.result(discovery) : script(request),
    );
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  it('leaves out a tool that nests too deeply, and keeps the others', async () => {
    const schema = (levels: number): string =>
      `{"type":"object","x":${'['.repeat(levels)}${']'.repeat(levels)}}`;
    const tools = [
      ['flat', 1],
      ['deep', 600],
      ['abyss', 50_000],
      ['last', 100],
    ].map(([name, levels]) => `{"name":"${String(name)}","inputSchema":${schema(Number(levels))}}`);
    script = ({ body, response }) =>
      void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(
          `{"jsonrpc":"2.0","id":${String(body.id)},"result":{"resultType":"complete","tools":[${tools.join()}]}}`,
        );
    const offer = await lastValueFrom(connectMcp(server.url).offer());
    assert.deepEqual(
      offer.tools.map(({ name }) => name),
      ['flat', 'last'],
    );
    assert.ok(offer.warnings.some((warning) => /nests too deeply/.test(warning)));
  });

  it('reads all pages of what is declared, and leaves out what is malformed', async () => {
    const sound = { name: 'sound', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } };
    const header = (name: string) => ({
      type: 'object',
      properties: { a: { type: 'string', 'x-mcp-header': name } },
    });
    script = ({ body, result, error }) => {
      if (body.method !== 'tools/list') return error(-32601, 404);
      if (body.params?.['cursor'] === undefined)
        return result({ tools: [sound, { name: 'no schema' }, 7], nextCursor: '', ttlMs: 500 });
      return result({
        tools: [
          { name: 'good', inputSchema: header('X') },
          { name: 'bad', inputSchema: header('a b') },
          { name: 'array', inputSchema: { type: 'array' } },
          sound,
        ],
        ttlMs: 100,
      });
    };
    const offer = await lastValueFrom(connectMcp(server.url).offer());
    assert.deepEqual(
      { ...offer, tools: offer.tools.map(({ name }) => name), warnings: offer.warnings.length },
      {
        revision: '2026-07-28',
        serverInfo: { name: 'modern', version: '2' },
        capabilities: { tools: {} },
        instructions: 'be kind',
        tools: ['sound', 'good'],
        resources: [],
        resourceTemplates: [],
        prompts: [],
        ttlMs: 100,
        warnings: 5,
      },
    );
    assert.deepEqual(offer.tools[0], sound);
    assert.ok(!server.methods().includes('prompts/list'));
  });

  it('stops at a list without end', async () => {
    script = ({ result }) =>
      result({ tools: [{ name: 'a', inputSchema: { type: 'object' } }], nextCursor: 'again' });
    const offer = await lastValueFrom(connectMcp(server.url).offer());
    assert.equal(offer.tools.length, 1);
    assert.match(offer.warnings.join(), /does not end/);
    assert.equal(server.methods().filter((method) => method === 'tools/list').length, 2);
  });

  it('is cancelled while the body of a list is on its way', async () => {
    script = ({ response }) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"jsonrpc":');
    };
    const subscription = connectMcp(server.url).offer().subscribe();
    const { response } = await server.next('the list', ({ body }) => body.method === 'tools/list');
    subscription.unsubscribe();
    await within(100, 'the abort', once(response, 'close'));
  });
});
