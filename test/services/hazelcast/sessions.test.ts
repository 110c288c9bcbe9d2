import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { filter, firstValueFrom, isObservable } from 'rxjs';
import { hazelcastLink, type HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { hazelcastSessions } from '../../../src/stores/hazelcast/hazelcastSessions.js';
import { silent } from '../../../src/streams/log.js';
import { sessionId, type Prompt, type Session, type SessionStore } from '../../../src/streams/sessions.js';
import { serviceFor } from '../../support/services/serviceFor.js';
import { startHazelcast, type Hazelcast } from '../../support/services/startHazelcast.js';
import { eventually } from '../../support/eventually.js';
import { within } from '../../support/within.js';
import { sessionStoreContract } from '../../stores/sessionStore.contract.js';

const settled = async <T>(answer: Prompt<T>): Promise<T> =>
  within(12_000, 'an answer', isObservable(answer) ? firstValueFrom(answer) : Promise.resolve(answer));
const session = (): Session => ({
  id: sessionId(),
  principalId: 'ann',
  namespace: undefined,
  version: '2025-11-25',
  batches: false,
  clientInfo: undefined,
  capabilities: {},
  logLevel: 'info',
  createdAt: 1,
});
const connected = (link: HazelcastLink) => () =>
  within(15_000, 'the connection', firstValueFrom(link.back$)).then(() => undefined);

describe('Sessions in Hazelcast', () => {
  let cluster: Hazelcast;
  before(async function () {
    this.timeout(400_000);
    cluster = await serviceFor(this, () => startHazelcast({ members: 2, clusterName: 'sluice-sessions' }));
  });
  const links: HazelcastLink[] = [];
  const open = async (): Promise<HazelcastLink> => {
    const link = hazelcastLink(cluster, silent);
    links.push(link);
    await connected(link)();
    return link;
  };
  const closeAll = async (): Promise<void> => {
    await Promise.all(links.splice(0).map((link) => link.close()));
  };
  const store = async (ttlMs: number, max = 100): Promise<SessionStore> =>
    hazelcastSessions({ link: await open(), ttlMs, max });
  after(async () => {
    await closeAll();
    await cluster.close();
  });

  sessionStoreContract(
    'stores/hazelcast/hazelcastSessions',
    async (options) => {
      await closeAll();
      const link = await open();
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
    await closeAll();
    const [one, other] = [await store(60_000), await store(60_000)];
    const ended = firstValueFrom(other.changes$.pipe(filter(({ kind }) => kind === 'ended')));
    const opened = session();
    await settled(one.put(opened));
    assert.deepEqual(await settled(other.get(opened.id)), opened);
    assert.equal(await settled(one.delete(opened.id)), true);
    assert.equal((await within(2000, 'hearing of the end', ended)).id, opened.id);
    assert.equal(await settled(other.get(opened.id)), undefined);
    one.close();
    other.close();
  });

  it('loses none with a member, and those in use live on after it', async () => {
    await closeAll();
    const one = await store(6000);
    const opened = Array.from({ length: 50 }, session);
    for (const each of opened) await settled(one.put(each));
    await delay(5000);
    for (const each of opened) assert.ok(await settled(one.get(each.id)));
    await cluster.kill(1);
    for (const each of opened) assert.ok(await settled(one.get(each.id)), 'lost with the member');
    await delay(3000);
    for (const each of opened) assert.ok(await settled(one.get(each.id)), 'the backup took it for idle');
    one.close();
    await cluster.start(1);
  }).timeout(60_000);

  it('says at once that the cluster is away, and goes on when it is back', async () => {
    await closeAll();
    const link = await open();
    const one = hazelcastSessions({ link, ttlMs: 60_000, max: 10 });
    const before = session();
    await settled(one.put(before));
    const ended = firstValueFrom(one.changes$.pipe(filter(({ kind }) => kind === 'ended')));
    const away = firstValueFrom(link.state.changes$.pipe(filter((state) => state === 'away')));
    await Promise.all([cluster.kill(0), cluster.kill(1)]);
    await within(10_000, 'noticing', away);
    // For a moment it is waited for another member.
    await delay(2000);
    const since = performance.now();
    await assert.rejects(settled(one.get(before.id)), { code: 'ERR_STORE_AWAY' });
    assert.ok(performance.now() - since < 100);
    await cluster.start(0, 1);
    await connected(link)();
    assert.equal((await within(5000, 'what ended meanwhile', ended)).id, before.id);
    const next = session();
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
