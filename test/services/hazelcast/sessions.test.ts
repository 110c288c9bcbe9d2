import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { filter, firstValueFrom } from 'rxjs';
import { hazelcastSessions } from '../../../src/stores/hazelcast/hazelcastSessions.js';
import type { SessionStore } from '../../../src/streams/sessions.js';
import { settled } from '../../support/settled.js';
import { eventually } from '../../support/eventually.js';
import { within } from '../../support/within.js';
import { sessionStoreContract } from '../../stores/sessionStore.contract.js';
import { testSession } from '../../stores/testSession.js';
import { clusterFor, type Cluster } from './clusterFor.js';

describe('Sessions in Hazelcast', () => {
  let cluster: Cluster;
  before(async function () {
    cluster = await clusterFor(this, 'sluice-sessions');
  });
  after(() => cluster.close());
  const store = async (ttlMs: number, max = 100): Promise<SessionStore> =>
    hazelcastSessions({ link: await cluster.open(), ttlMs, max });

  sessionStoreContract(
    'stores/hazelcast/hazelcastSessions',
    async (options) => {
      const link = await cluster.open();
      await firstValueFrom(link.use('sluice.sessions', (map) => map.clear()));
      return {
        store: hazelcastSessions({ link, ...options }),
        // Expiry on the members is real time, in whole seconds and with some slack: nothing can be awaited but its passing.
        pass: (ms) => delay(ms > options.ttlMs ? ms + 3500 : ms),
      };
    },
    3000,
  );

  it('shows all instances what one of them did', async () => {
    const [one, other] = [await store(60_000), await store(60_000)];
    const ended = firstValueFrom(other.changes$.pipe(filter(({ kind }) => kind === 'ended')));
    const opened = testSession();
    await settled(one.put(opened));
    assert.deepEqual(await settled(other.get(opened.id)), opened);
    assert.equal(await settled(one.delete(opened.id)), true);
    assert.equal((await within(2000, 'hearing of the end', ended)).id, opened.id);
    assert.equal(await settled(other.get(opened.id)), undefined);
    one.close();
    other.close();
  });

  it('loses none with a member, and those in use live on after it', async () => {
    const one = await store(6000);
    const link = await cluster.open();
    const [idle, ...opened] = Array.from({ length: 51 }, () => testSession());
    for (const each of [idle, ...opened]) if (each !== undefined) await settled(one.put(each));
    const listed = async (): Promise<ReadonlySet<unknown>> =>
      new Set<unknown>(await firstValueFrom(link.use('sluice.sessions', (map) => map.keySet())));
    assert.ok((await listed()).has(idle?.id));
    // One that nobody uses says when those that are used live on beyond their time; to be listed is no use.
    await eventually(30_000, 'the end of the idle one', async () => {
      for (const each of opened) assert.ok(await settled(one.get(each.id)), 'taken for idle');
      return !(await listed()).has(idle?.id);
    });
    await cluster.kill(1);
    for (const each of opened)
      assert.ok(await settled(one.get(each.id)), 'lost, or taken for idle by the backup');
    one.close();
    await cluster.start(1);
  }).timeout(60_000);

  it('says at once that the cluster is away, and goes on when it is back', async () => {
    const link = await cluster.open();
    const one = hazelcastSessions({ link, ttlMs: 60_000, max: 10 });
    const before = testSession();
    await settled(one.put(before));
    const ended = firstValueFrom(one.changes$.pipe(filter(({ kind }) => kind === 'ended')));
    const away = firstValueFrom(link.state.changes$.pipe(filter((state) => state === 'away')));
    await Promise.all([cluster.kill(0), cluster.kill(1)]);
    await within(10_000, 'noticing', away);
    // At first it is waited for another member.
    await assert.rejects(settled(one.get(before.id)), { code: 'ERR_STORE_AWAY' });
    let answered = false;
    link.use('any', () => Promise.resolve()).subscribe({ error: () => (answered = true) });
    assert.ok(answered, 'in the same frame from then on');
    await cluster.start(0, 1);
    await within(20_000, 'being back', firstValueFrom(link.back$));
    assert.equal((await within(5000, 'what ended meanwhile', ended)).id, before.id);
    const next = testSession();
    await eventually(5000, 'a session', async () => {
      await settled(one.put(next));
      return (await settled(one.get(next.id))) !== undefined;
    });
    await cluster.start(1);
    const other = await store(60_000);
    assert.ok(await settled(other.get(next.id)));
    const gone = firstValueFrom(other.changes$.pipe(filter(({ kind }) => kind === 'ended')));
    await settled(one.delete(next.id));
    assert.equal((await within(3000, 'hearing of the end', gone)).id, next.id);
    one.close();
    other.close();
  }).timeout(90_000);
});
