import assert from 'node:assert/strict';
import { filter, firstValueFrom, lastValueFrom, type Observable } from 'rxjs';
import { hazelcastHomes } from '../../../src/stores/hazelcast/hazelcastHomes.js';
import { hazelcastInstances } from '../../../src/stores/hazelcast/hazelcastInstances.js';
import type { HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { hazelcastSessions } from '../../../src/stores/hazelcast/hazelcastSessions.js';
import { sessionsMap } from '../../../src/stores/hazelcast/sessionsMap.js';
import type { Home, Homes } from '../../../src/streams/homes.js';
import { sessionId, type SessionStore } from '../../../src/streams/sessions.js';
import { testSession } from '../../stores/testSession.js';
import { eventually } from '../../support/eventually.js';
import { settled } from '../../support/settled.js';
import { within } from '../../support/within.js';
import { clusterFor, type Cluster } from './clusterFor.js';

interface Gateway {
  readonly homes: Homes;
  readonly sessions: SessionStore;
  close(): void;
}

describe('Homes of sessions in Hazelcast', () => {
  let cluster: Cluster;
  let link: HazelcastLink;
  const running: Gateway[] = [];
  before(async function () {
    cluster = await clusterFor(this, 'sluice-homes');
    link = await cluster.open();
  });
  afterEach(() => {
    for (const each of running.splice(0)) each.close();
  });
  after(() => cluster.close());

  /** @param on the way to the cluster; an instance of its own dies with it */
  const gateway = async (address: string, on?: HazelcastLink, ttlMs = 60_000): Promise<Gateway> => {
    const own = on ?? (await cluster.open());
    const instances = hazelcastInstances(own);
    const homes = hazelcastHomes({ link: own, instances, ttlMs });
    const sessions = hazelcastSessions({ link: own, ttlMs, max: 1000 });
    await done(homes.enter(address));
    const made = {
      homes,
      sessions,
      close() {
        for (const part of [homes, instances, sessions]) part.close();
      },
    };
    running.push(made);
    return made;
  };
  const done = async (said: void | Observable<void>): Promise<void> => {
    if (said !== undefined) await lastValueFrom(said, { defaultValue: undefined });
  };
  const open = async ({ homes, sessions }: Gateway): Promise<string> => {
    const session = testSession({ home: homes.self });
    await settled(sessions.put(session));
    return session.id;
  };
  const where = ({ homes }: Gateway, id: string): Promise<Home | undefined> => settled(homes.elsewhere(id));

  it('lets a session that was taken over end unused like any other', async () => {
    const [one, other] = [await gateway('http://one:1'), await gateway('http://other:1', undefined, 1000)];
    const id = await open(one);
    await done(one.homes.leave());
    const from = await where(other, id);
    assert.equal(from?.state, 'leaving');
    assert.equal(await settled(other.homes.takeOver(id, from)), undefined);
    const isThere = () => lastValueFrom(link.use(sessionsMap, (sessions) => sessions.containsKey(id)));
    assert.equal(await isThere(), true);
    await eventually(10_000, 'its end', async () => !(await isThere()));
  });

  it('says where a session is, and at once that it is here', async () => {
    const [one, other] = [await gateway('http://one:1'), await gateway('http://other:1')];
    const id = await open(one);
    assert.deepEqual(await where(other, id), {
      instance: one.homes.self,
      address: 'http://one:1',
      state: 'alive',
    });
    assert.equal(await where(one, id), undefined);
    assert.equal(one.homes.elsewhere(id), undefined, 'in the same frame');
    assert.equal(await where(other, sessionId()), undefined);
    assert.equal((await settled(other.homes.find(one.homes.self)))?.address, 'http://one:1');
    assert.equal(await settled(other.homes.find('nobody')), undefined);
  });

  it('is taken over from one that leaves, which hears of it', async () => {
    const [one, other] = [await gateway('http://one:2'), await gateway('http://other:2')];
    const id = await open(one);
    const lost = firstValueFrom(one.homes.lost$);
    await done(one.homes.leave());
    let home = await where(other, id);
    await eventually(2000, 'hearing that it leaves', async () => {
      home = await where(other, id);
      return home?.state === 'leaving';
    });
    assert.ok(home);
    assert.equal(await settled(other.homes.takeOver(id, home)), undefined);
    assert.equal(await within(2000, 'the loss', lost), id);
    assert.equal(await where(other, id), undefined);
    assert.equal((await where(one, id))?.instance, other.homes.self);
    assert.equal((await settled(other.sessions.get(id)))?.home, other.homes.self);
  });

  it('goes to one of those who take it at the same time, and all others learn to whom', async () => {
    const home = await gateway('http://home:3');
    const takers = [await gateway('http://a:3'), await gateway('http://b:3'), await gateway('http://c:3')];
    for (let round = 0; round < 10; round++) {
      const id = await open(home);
      const from: Home = { instance: home.homes.self, address: 'http://home:3', state: 'gone' };
      const after = await Promise.all(takers.map(({ homes }) => settled(homes.takeOver(id, from))));
      const [winner, ...more] = takers.filter((_, taker) => after[taker] === undefined);
      assert.ok(winner);
      assert.equal(more.length, 0, 'two are at home');
      for (const other of after) if (other !== undefined) assert.equal(other.instance, winner.homes.self);
    }
  }).timeout(30_000);

  it('keeps its home when something else of it changes', async () => {
    const [one, other] = [await gateway('http://one:4'), await gateway('http://other:4')];
    const id = await open(one);
    const before = await settled(one.sessions.get(id));
    assert.ok(before);
    await settled(other.homes.takeOver(id, { instance: one.homes.self, address: '', state: 'gone' }));
    await settled(one.sessions.put({ ...before, logLevel: 'error' }));
    const after = await settled(other.sessions.get(id));
    assert.deepEqual([after?.home, after?.logLevel], [other.homes.self, 'error']);
  });

  it('is nobody’s when its instance is gone, and can be taken', async () => {
    const [one, other] = [await gateway('http://one:6'), await gateway('http://other:6')];
    const id = await open(one);
    assert.equal((await where(other, id))?.state, 'alive');
    one.close();
    await eventually(15_000, 'being gone', async () => (await where(other, id))?.state === 'gone');
    const home = await where(other, id);
    assert.ok(home);
    assert.equal(await settled(other.homes.takeOver(id, home)), undefined);
    assert.ok(await settled(other.sessions.get(id)));
  }).timeout(20_000);

  it('holds nobody for gone after a time without the cluster', async () => {
    const [one, other] = [await gateway('http://one:7', link), await gateway('http://other:7')];
    assert.equal((await settled(other.homes.find(one.homes.self)))?.state, 'alive');
    await Promise.all([cluster.kill(0), cluster.kill(1)]);
    await within(
      10_000,
      'noticing',
      firstValueFrom(link.state.changes$.pipe(filter((state) => state === 'away'))),
    );
    await cluster.start(0, 1);
    await within(20_000, 'being back', firstValueFrom(link.back$));
    await eventually(10_000, 'being found', async () => {
      const found = await settled(other.homes.find(one.homes.self)).catch(() => undefined);
      return found?.state === 'alive';
    });
    const id = await open(one);
    assert.equal((await where(other, id))?.instance, one.homes.self);
    await cluster.start(1);
  }).timeout(90_000);
});
