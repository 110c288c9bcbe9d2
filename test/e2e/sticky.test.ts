import assert from 'node:assert/strict';
import { text } from '../support/mcpTools.js';
import { openLegacySession, type LegacySession } from '../support/openLegacySession.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

/** Servers that keep sessions, of which each knows its own only. */
describe('strategy sticky, with servers that have sessions', () => {
  const names = ['a', 'b', 'c'];
  let backends: readonly McpBackend[];
  let gateway: RunningGateway;

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
  });
  after(async () => {
    await gateway.close();
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
