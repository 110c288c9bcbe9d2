import assert from 'node:assert/strict';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { text, type McpTools } from '../support/mcpTools.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

/** The names of the server's tools. */
const blocked = [
  'eval',
  'Eval',
  'EVAL',
  'еval',
  'ｅｖａｌ',
  'e\u200bval',
  'shell_execute',
  'shell-run',
  'file_delete',
  'drop',
  'a.b',
];
const allowed = ['evaluate', 'safe', 'delete_file'];

describe('blocked_tools', function () {
  this.timeout(15_000);
  let backend: McpBackend;
  let gateway: RunningGateway;

  before(async () => {
    const tools: McpTools = Object.fromEntries(
      [...blocked, ...allowed].map((name) => [name, (call) => call.reply(text(`ran ${name}`))]),
    );
    backend = await startMcpBackend({ tools });
    gateway = await startGateway(
      `  s: { url: "${backend.url}", tools: { drop: { task: true } } }
namespaces: { team: { servers: [s] }, prefixed: { servers: [s], prefixed: true } }
blocked_tools: [eval, "s_shell*", FILE_DELETE, s_drop, a.b]`,
    );
  });
  after(async () => {
    await gateway.close();
    await backend.close();
  });

  const namesAt = async (path: string): Promise<string[]> => {
    const answer = await ask(gateway.port, { ...modernRequest('tools/list'), path });
    return (responseOf(answer).result?.['tools'] as { name: string }[]).map(({ name }) => name).sort();
  };

  it('are in no list, whatever the route and the era', async () => {
    const exposed = allowed.map((name) => `s_${name}`).sort();
    assert.deepEqual(await namesAt('/mcp'), exposed);
    assert.deepEqual(await namesAt('/mcp/prefixed'), exposed);
    assert.deepEqual(await namesAt('/mcp/team'), [...allowed].sort());
    const session = await openLegacySession(gateway.port);
    const listed = responseOf(await ask(gateway.port, session.request('tools/list')));
    assert.deepEqual(
      (listed.result?.['tools'] as { name: string }[]).map(({ name }) => name).sort(),
      exposed,
    );
  });

  const spellings = blocked.flatMap((name) => [
    name,
    `s_${name}`,
    `s.${name}`,
    `s_${name.replace(/[^A-Za-z0-9_-]/g, '_')}`,
  ]);
  for (const name of new Set(spellings))
    it(`can not be called as ${JSON.stringify(name)}, and look as if they had never been`, async () => {
      const before = backend.calls;
      for (const path of ['/mcp', '/mcp/team', '/mcp/prefixed']) {
        const request = modernRequest(
          'tools/call',
          { name, arguments: {} },
          { headers: { 'mcp-name': headerOf(name) } },
        );
        const { error, result } = responseOf(await ask(gateway.port, { ...request, path }));
        assert.equal(result, undefined);
        assert.equal(error?.code, -32602);
        assert.equal(error.message, `Unknown tool: ${name}`);
      }
      assert.equal(backend.calls, before);
    });

  it('can not be begun as tasks', async () => {
    const before = backend.calls;
    const session = await openLegacySession(gateway.port);
    const call = session.request('tools/call', { name: 's_drop', arguments: {}, task: {} });
    assert.equal(responseOf(await ask(gateway.port, call)).error?.code, -32602);
    assert.equal(backend.calls, before);
  });

  it('leave the others alone', async () => {
    for (const name of allowed) {
      const { result } = await modernCall(gateway.port, `s_${name}`);
      assert.equal(result?.content?.[0]?.text, `ran ${name}`);
    }
  });
});

/** As a client of 2026-07-28 sends a name that is no plain ASCII. */
const headerOf = (name: string): string =>
  /^[\x21-\x7e]+$/.test(name) ? name : `=?base64?${Buffer.from(name).toString('base64')}?=`;
