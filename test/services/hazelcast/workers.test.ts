import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import { text } from '../../support/mcpTools.js';
import { openLegacySession } from '../../support/openLegacySession.js';
import { openRaw } from '../../support/openRaw.js';
import { requestBytes } from '../../support/requestBytes.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startHazelcast, type Hazelcast } from '../../support/services/startHazelcast.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { startWorkers, type Workers } from '../../support/startWorkers.js';

describe('Workers of two gateways on a Hazelcast cluster', function () {
  this.timeout(120_000);
  let cluster: Hazelcast;
  let backend: McpBackend;
  let one: Workers;
  let other: Workers;
  before(async function () {
    this.timeout(400_000);
    const clusterName = 'sluice-workers';
    cluster = await serviceFor(this, () => startHazelcast({ clusterName }));
    backend = await startMcpBackend();
    const addresses = JSON.stringify(cluster.addresses);
    const yaml = [
      `sessions: { store: hazelcast, hazelcast: { cluster_name: ${clusterName}, addresses: ${addresses} } }`,
      `servers: { back: { url: '${backend.url}' } }`,
    ].join('\n');
    one = await startWorkers(yaml, 2);
    other = await startWorkers(yaml, 2);
    for (const { health } of [one, other])
      await eventually(
        30_000,
        'the connection to the cluster',
        async () => (await health()).cluster === 'connected',
      );
  });
  after(async () => {
    await Promise.all([one.close(), other.close()]);
    await backend.close();
    await cluster.close();
  });

  it('are instances of their own: a session goes on with all of them', async () => {
    const session = await openLegacySession(one.port);
    for (const { port } of [one, other, one, other, one, other])
      assert.equal((await ask(port, session.request('ping'), 10_000)).status, 200);
    await session.end();
  });

  it('relay to the one worker that has the call', async () => {
    const session = await openLegacySession(one.port);
    const client = await openRaw(other.port);
    client.write(requestBytes(other.port, session.request('tools/call', { name: 'back_hang' }, 'seven')));
    const call = await backend.nextCall('hang', 10_000);
    const busy = async ({ health }: Workers): Promise<number> => (await health()).calls;
    assert.deepEqual([await busy(one), await busy(other)], [1, 0]);
    call.reply(text('done'));
    assert.match((await client.answer(10_000)).body, /done/);
    client.destroy();
    await session.end();
  });

  it('take over the sessions of one that is killed', async () => {
    const sessions = await Promise.all([1, 2, 3, 4].map(() => openLegacySession(one.port)));
    process.kill((await one.pids())[0] ?? 0, 'SIGKILL');
    await one.logged('worker_ended');
    for (const session of sessions)
      for (const { port } of [other, one])
        assert.equal((await ask(port, session.request('ping'), 20_000)).status, 200);
    await Promise.all(sessions.map((session) => session.end()));
  });
});
