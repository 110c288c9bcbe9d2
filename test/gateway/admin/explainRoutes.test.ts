import assert from 'node:assert/strict';
import type { Explanation } from '../../../src/protocol/explain/explanation.js';
import { adminKey, startConsole, type RunningConsole } from '../../support/startConsole.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

describe('gateway/admin: POST /explain', () => {
  let backend: McpBackend;
  let running: RunningConsole;
  before(async () => {
    backend = await startMcpBackend();
    running = await startConsole(
      [
        `servers: { search: { url: 'http://127.0.0.1:${backend.port}/mcp' } }`,
        'tenants: { acme: {}, beta: {} }',
        "policies: [{ tenant: beta, tools: { allowed: ['*'] } }]",
      ].join('\n'),
      { admin: ', keys: [{ name: acme, key: the-key-of-acme-here, tenant: acme }]' },
    );
  });
  after(async () => {
    await running.close();
    await backend.close();
  });
  const explain = (body: object, key = adminKey) => running.program(key)('POST', '/explain', body);

  it('says what would become of a call of whoever is named', async () => {
    const { status, json } = await explain({ tool: 'search_echo', as: { user: 'ann', tenant: 'beta' } });
    assert.equal(status, 200);
    assert.equal((json as Explanation).allowed, true);
    assert.equal(backend.calls, 0);
  });

  it('tells somebody of a tenant of that tenant only, and not why something is not there', async () => {
    const { json } = await explain(
      { tool: 'search_echo', as: { user: 'ann', tenant: 'beta' } },
      'the-key-of-acme-here',
    );
    const { allowed, steps } = json as Explanation;
    assert.equal(allowed, false);
    const refusing = steps.find(({ outcome }) => outcome === 'refuses');
    assert.deepEqual(refusing, {
      operator: 'resolveTool',
      outcome: 'refuses',
      detail: 'Unknown tool: search_echo',
    });
  });

  it('refuses what is no question', async () => {
    for (const body of [
      {},
      { tool: 7 },
      { method: 'ping', tool: 'x' },
      { tool: 'x', as: [] },
      { tool: 'x', as: { roles: 'admin' } },
      { tool: 'x', arguments: [1] },
      { tool: 'x', as: { claims: 'a' } },
    ]) {
      const { status, json } = await explain(body);
      assert.equal(status, 400, JSON.stringify(body));
      assert.equal((json as { error: { code: string } }).error.code, 'ERR_INVALID_REQUEST');
    }
  });
});
