import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import { inGroups } from '../../support/inGroups.js';
import { modernRequest } from '../../support/modern.js';
import { openLegacySession, type LegacySession } from '../../support/openLegacySession.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startHazelcast, type Hazelcast } from '../../support/services/startHazelcast.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

describe('Two gateways on two Hazelcast members', () => {
  let cluster: Hazelcast;
  let backend: McpBackend;
  let one: RunningGateway;
  let other: RunningGateway;
  const start = ({ clusterName, addresses }: Hazelcast): Promise<RunningGateway> =>
    startGateway(`  back: { url: "${backend.url}" }`, {
      sessions: { ttlMs: 60_000, max: 10_000, hazelcast: { clusterName, addresses } },
    });
  const isConnected = async ({ adminUrl }: RunningGateway): Promise<boolean> => {
    const health = (await (await fetch(`${adminUrl}/healthz`)).json()) as { cluster?: string };
    return health.cluster === 'connected';
  };
  before(async function () {
    this.timeout(400_000);
    cluster = await serviceFor(this, () => startHazelcast({ members: 2, clusterName: 'sluice-gateways' }));
    backend = await startMcpBackend({ era: 'modern' });
    [one, other] = [await start(cluster), await start(cluster)];
    await eventually(
      15_000,
      'both being connected',
      async () => (await isConnected(one)) && isConnected(other),
    );
  });
  after(async () => {
    await Promise.all([one.close(), other.close()]);
    await backend.close();
    await cluster.close();
  });

  const status = async (gateway: RunningGateway, session: LegacySession): Promise<number> =>
    (await ask(gateway.port, session.request('tools/list'), 12_000)).status;

  it('continues on one a session that the other opened, and ends it for both', async () => {
    const session = await openLegacySession(one.port);
    assert.equal(await status(other, session), 200);
    assert.equal(await status(one, session), 200);
    assert.equal((await ask(other.port, { method: 'DELETE', headers: session.headers })).status, 204);
    assert.equal(await status(one, session), 404);
    assert.equal(await status(other, session), 404);
  });

  it('ends on one what is open there when the session is deleted on the other', async () => {
    const session = await openLegacySession(one.port);
    const stream = ask(one.port, {
      method: 'GET',
      headers: { ...session.headers, accept: 'text/event-stream' },
    });
    await eventually(5000, 'the stream', async () => {
      const health = (await (await fetch(`${one.adminUrl}/healthz`)).json()) as { streams: number };
      return health.streams === 1;
    });
    assert.equal((await ask(other.port, { method: 'DELETE', headers: session.headers })).status, 204);
    assert.equal((await stream).status, 200);
  });

  it('loses no session with a killed member', async () => {
    const gateways = [one, other] as const;
    const sessions = await inGroups(
      Array.from({ length: 2000 }, (_, n) => n),
      async (n) => openLegacySession(gateways[n % 2]?.port ?? 0),
    );
    await cluster.kill(1);
    const statuses = await inGroups(sessions, (session) => status(other, session));
    assert.deepEqual(new Set(statuses), new Set([200]));
    await cluster.start(1);
    assert.ok(sessions[0]);
    assert.equal(await status(one, sessions[0]), 200);
  }).timeout(90_000);

  it('answers 503 in sessions while the cluster is away, goes on without, and takes sessions again when it is back', async () => {
    const session = await openLegacySession(one.port);
    await Promise.all([cluster.kill(0), cluster.kill(1)]);
    await eventually(15_000, 'the cluster being away', async () => !(await isConnected(one)));
    const refused = await ask(one.port, session.request('tools/list'));
    assert.equal(refused.status, 503);
    assert.match(refused.headers['retry-after'] ?? '', /^\d+$/);
    assert.match(refused.body, /can not be reached/);
    assert.ok(!refused.body.includes(session.id));
    assert.equal((await ask(one.port, modernRequest('tools/list'))).status, 200);
    await cluster.start(0, 1);
    await cluster.start(1);
    await eventually(20_000, 'being connected again', () => isConnected(one));
    assert.equal(await status(one, session), 404, 'what the members held is gone with all of them');
    const next = await openLegacySession(one.port);
    await eventually(20_000, 'the other being connected again', () => isConnected(other));
    assert.equal(await status(other, next), 200);
  }).timeout(120_000);
});
