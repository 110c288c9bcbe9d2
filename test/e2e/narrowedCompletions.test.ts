import assert from 'node:assert/strict';
import { discovery } from '../backends/mcp/modernScript.js';
import { scriptedServer, type ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

const uriTemplate = 'file:///{folder}/{name}';
const suggested: Readonly<Record<string, readonly string[]>> = {
  folder: ['shared', 'private', 'shared/../private', 'sharing'],
  name: ['plan', 'salaries', '..'],
};

describe('completions for a template of URIs', () => {
  let server: ScriptedServer;
  let gateway: RunningGateway;

  before(async () => {
    server = await scriptedServer(({ body: { id, method = '', params }, response, result, error }) => {
      if (id === undefined) return void response.writeHead(202).end();
      const fresh = { resultType: 'complete', ttlMs: 60_000, cacheScope: 'public' };
      const capabilities = { resources: {}, completions: {} };
      if (method === 'server/discover') return result({ ...discovery, capabilities });
      if (method === 'resources/list') return result({ ...fresh, resources: [] });
      if (method === 'resources/templates/list')
        return result({ ...fresh, resourceTemplates: [{ uriTemplate, name: 'files' }] });
      if (method !== 'completion/complete') return error(-32601, 404);
      const { name } = params?.['argument'] as { readonly name: string };
      const values = suggested[name] ?? [];
      result({ resultType: 'complete', completion: { values, total: values.length, hasMore: false } });
    });
    gateway = await startGateway(
      `  files: { url: "${server.url}" }
policies: [{ resources: { allowed: ['file:///shared/*'], denied: ['file:///shared/salaries*'] } }]`,
    );
  });
  after(async () => {
    await gateway.close();
    await server.close();
  });

  const complete = async (name: string, known?: Readonly<Record<string, string>>): Promise<unknown> => {
    const params = {
      ref: { type: 'ref/resource', uri: uriTemplate },
      argument: { name, value: '' },
      ...(known !== undefined && { context: { arguments: known } }),
    };
    const { result } = responseOf(await ask(gateway.port, modernRequest('completion/complete', params)));
    return result?.['completion'];
  };

  it('suggest no part of what the caller may not read', async () =>
    assert.deepEqual(await complete('folder'), { values: ['shared'], hasMore: false }));

  it('suggest nothing that the caller may not read', async () => {
    assert.deepEqual(await complete('name', { folder: 'shared' }), { values: ['plan'], hasMore: false });
    assert.deepEqual(await complete('name', { folder: 'private' }), { values: [], hasMore: false });
  });

  it('are left as they are where nothing is kept from the caller', async () => {
    const open = await startGateway(`  files: { url: "${server.url}" }`);
    try {
      const params = {
        ref: { type: 'ref/resource', uri: uriTemplate },
        argument: { name: 'folder', value: '' },
      };
      const { result } = responseOf(await ask(open.port, modernRequest('completion/complete', params)));
      assert.deepEqual(result?.['completion'], { values: suggested['folder'], total: 4, hasMore: false });
    } finally {
      await open.close();
    }
  });
});
