import assert from 'node:assert/strict';
import type { HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import type { ToolCall } from '../../support/mcpTools.js';
import { openLegacySession, type LegacySession } from '../../support/openLegacySession.js';
import { openRaw, type RawConnection } from '../../support/openRaw.js';
import { requestBytes } from '../../support/requestBytes.js';
import { settled } from '../../support/settled.js';
import { text } from '../../support/mcpTools.js';
import { sseEvents } from '../../support/sseEvents.js';
import { startGatewayProcess, type GatewayProcess } from '../../support/startGatewayProcess.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { clusterFor, type Cluster } from './clusterFor.js';

describe('A gateway that is killed, on a Hazelcast cluster', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let link: HazelcastLink;
  let backend: McpBackend;
  let one: GatewayProcess;
  let other: GatewayProcess;
  const connections: RawConnection[] = [];

  before(async function () {
    cluster = await clusterFor(this, 'sluice-killed');
    link = await cluster.open();
    backend = await startMcpBackend({ era: 'modern' });
  });
  beforeEach(async () => {
    const { clusterName, addresses } = cluster;
    const start = (): Promise<GatewayProcess> =>
      startGatewayProcess(`  back: { url: "${backend.url}" }`, {
        sessions: { ttlMs: 60_000, max: 1000, hazelcast: { clusterName, addresses } },
      });
    [one, other] = await Promise.all([start(), start()]);
    for (const { adminUrl } of [one, other])
      await eventually(15_000, 'the connection to the cluster', async () => {
        const health = (await (await fetch(`${adminUrl}/healthz`)).json()) as { cluster?: string };
        return health.cluster === 'connected';
      });
  });
  afterEach(async () => {
    for (const each of connections.splice(0)) each.destroy();
    // The one that a test has killed is gone already.
    await Promise.all([one.kill(), other.kill()]);
  });
  after(async () => {
    await backend.close();
    await cluster.close();
  });

  const connection = async (port: number): Promise<RawConnection> => {
    const opened = await openRaw(port);
    connections.push(opened);
    return opened;
  };
  const call = async (
    session: LegacySession,
    id: string,
  ): Promise<{ client: RawConnection; tool: ToolCall }> => {
    const client = await connection(one.port);
    const params = { name: 'back_hang', arguments: {}, _meta: { progressToken: 'p' } };
    client.write(requestBytes(one.port, session.request('tools/call', params, id)));
    return { client, tool: await backend.nextCall('hang') };
  };
  const progress = (tool: ToolCall, ...values: readonly number[]): void => {
    for (const value of values)
      tool.notify('notifications/progress', { progressToken: tool.meta['progressToken'], progress: value });
  };
  const comeBack = async (session: LegacySession, lastEventId: string): Promise<RawConnection> => {
    const client = await connection(other.port);
    const headers = { ...session.headers, accept: 'text/event-stream', 'last-event-id': lastEventId };
    client.write(requestBytes(other.port, { method: 'GET', headers }));
    return client;
  };
  /** Waits until the cluster has what was sent: nobody announces that. */
  const copied = (session: LegacySession, part: string): Promise<void> =>
    eventually(5000, 'the copy', async () => {
      const streams = await settled(link.use('sluice.events', (map) => map.entrySet()));
      return streams.some(([key, value]) => key.startsWith(session.id) && String(value).includes(part));
    });
  const idOf = (raw: string, at: number): string => sseEvents(raw).at(at)?.id ?? assert.fail('no such event');

  it('has its streams resumed on another: what was kept, once, and then an error that says how it stands', async () => {
    const session = await openLegacySession(one.port);
    const { client, tool } = await call(session, 'seven');
    progress(tool, 1, 2, 3);
    const seen = await client.seen('"progress":3');
    await copied(session, '"progress":3');
    await one.kill();
    const { status, body } = await (await comeBack(session, idOf(seen, 1))).answer(30_000);
    assert.equal(status, 200);
    const messages = sseEvents(body).map(({ message }) => message);
    assert.deepEqual(
      messages.slice(0, -1).map((message) => message?.params?.['progress']),
      [2, 3],
    );
    const last = messages.at(-1);
    assert.equal(last?.id, 'seven');
    assert.match(last.error?.message ?? '', /has ended: whether the call was done is not known/);
    const ids = sseEvents(body).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(ids[1], idOf(seen, 3), 'the ids are those of the first time');
    const call2 = await ask(other.port, session.request('tools/list'), 12_000);
    assert.equal(call2.status, 200, call2.body);
  });

  it('finishes what it had begun when it was only frozen; nobody waits for it longer than it counts as living', async () => {
    const session = await openLegacySession(one.port);
    const { client, tool } = await call(session, 'seven');
    progress(tool, 1);
    await client.seen('"progress":1');
    one.freeze();
    const relayed = await ask(other.port, session.request('tools/list'), 20_000);
    assert.equal(relayed.status, 502, relayed.body);
    assert.match(relayed.body, /ERR_INSTANCE_LOST|has ended/);
    assert.equal((await ask(other.port, session.request('tools/list'), 12_000)).status, 200);
    one.thaw();
    tool.reply(text('done'));
    await client.seen('"text":"done"', 15_000);
  });

  it('has its standalone streams go on with another', async () => {
    const session = await openLegacySession(one.port);
    const listening = await connection(one.port);
    const headers = { ...session.headers, accept: 'text/event-stream' };
    listening.write(requestBytes(one.port, { method: 'GET', headers }));
    const priming = await listening.seen('id:');
    await copied(session, '');
    await one.kill();
    const client = await comeBack(session, idOf(priming, 0));
    await client.seen('id:', 30_000);
    other.configure(`  back: { url: "${backend.url}" }\n  more: { url: "${backend.url}" }`);
    await client.seen('notifications/tools/list_changed', 15_000);
    assert.equal(
      (await ask(other.port, { method: 'GET', headers })).status,
      409,
      'it is the one of its session',
    );
  });
});
