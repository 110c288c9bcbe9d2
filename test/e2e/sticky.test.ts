import assert from 'node:assert/strict';
import { apiKeysFile, type ApiKeysFile } from '../support/apiKeysFile.js';
import { ask } from '../support/ask.js';
import { text } from '../support/mcpTools.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession, type LegacySession } from '../support/openLegacySession.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { openSession } from './tenants/speakers.js';

/** Servers that keep sessions, of which each knows its own only. */
describe('strategy sticky, with servers that have sessions', () => {
  const names = ['a', 'b', 'c'];
  let backends: readonly McpBackend[];
  let gateway: RunningGateway;
  let known: RunningGateway;
  let keys: ApiKeysFile;
  const people = Array.from({ length: 12 }, (_, n) => `user${n}`);

  before(async () => {
    backends = await Promise.all(
      names.map((name) =>
        startMcpBackend({ era: 'legacy', tools: { echo: (call) => call.reply(text(name)) } }),
      ),
    );
    const urls = backends.map(({ url }) => url).join(', ');
    const quick =
      'protocol: legacy, circuit_breaker: { failures: 1, cooldown: 1h }, health_check: { enabled: false }';
    gateway = await startGateway(
      `  session: { urls: [${urls}], strategy: sticky, ${quick} }\n` +
        `  client: { urls: [${urls}], strategy: sticky, sticky_by: client, ${quick} }\n`,
    );
    keys = await apiKeysFile(Object.fromEntries(people.map((user) => [user, undefined])));
    known = await startGateway(
      `  client: { urls: [${urls}], strategy: sticky, sticky_by: client, ${quick} }
auth: { api_keys: { file: "${keys.path}" } }`,
    );
  });
  after(async () => {
    await gateway.close();
    await known.close();
    await keys.remove();
    await Promise.all(backends.map((backend) => backend.close()));
  });

  /** Which server answers. */
  const answering = async (session: LegacySession, server: string): Promise<string> => {
    const { result } = await session.call(`${server}_echo`);
    const content = result?.['content'] as readonly { readonly text: string }[] | undefined;
    return content?.[0]?.text ?? 'none';
  };
  const all = (sessions: readonly LegacySession[], server: string) =>
    Promise.all(sessions.map((session) => answering(session, server)));
  const open = (count: number) =>
    Promise.all(Array.from({ length: count }, () => openLegacySession(gateway.port)));

  it('by client: those who can be told apart by nothing but their address are one', async () => {
    const seen = new Set(await all(await open(6), 'client'));
    assert.equal(seen.size, 1);
    assert.ok(!seen.has('none'));
  });

  it('by client: who has said who he is stays with his server, in every session and without one', async () => {
    const call = { name: 'client_echo', arguments: {} };
    const servers = await Promise.all(
      people.map(async (user) => {
        const headers = { ...keys.of(user) };
        const seen = new Set<string>();
        for (let n = 0; n < 2; n++) {
          const session = await openSession(known.port, headers);
          const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: call };
          for (const request of [{ headers: session, body }, modernRequest('tools/call', call, { headers })])
            seen.add(responseOf(await ask(known.port, request)).result?.content?.[0]?.text ?? 'none');
        }
        assert.equal(seen.size, 1, `${user}: ${[...seen].join()}`);
        return [...seen].join();
      }),
    );
    // Of twelve, all with the same one of three: once in 3^11 times.
    assert.ok(new Set(servers).size > 1, servers.join());
    assert.ok(!servers.includes('none'));
  });

  it('by session: each stays with its server; when that dies its sessions move, and nobody else', async () => {
    const sessions = await open(36);
    const before = await all(sessions, 'session');
    assert.deepEqual([...new Set(before)].sort(), names);
    assert.deepEqual(await all(sessions, 'session'), before);
    await backends[0]?.close();
    const moved = await all(sessions, 'session');
    assert.deepEqual(await all(sessions, 'session'), moved);
    assert.ok(!moved.includes('a') && !moved.includes('none'));
    for (const [index, name] of before.entries()) if (name !== 'a') assert.equal(moved[index], name);
  });
});
