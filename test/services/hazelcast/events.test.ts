import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { filter, firstValueFrom, lastValueFrom, map, reduce } from 'rxjs';
import { hazelcastEvents, type SharedEvents } from '../../../src/stores/hazelcast/hazelcastEvents.js';
import { hazelcastInstances, type Instances } from '../../../src/stores/hazelcast/hazelcastInstances.js';
import type { HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import type { Kept } from '../../../src/streams/events.js';
import { eventStoreContract } from '../../stores/eventStore.contract.js';
import { settled } from '../../support/settled.js';
import { within } from '../../support/within.js';
import { clusterFor, type Cluster } from './clusterFor.js';

describe('Events in Hazelcast', () => {
  let cluster: Cluster;
  let links: readonly [HazelcastLink, HazelcastLink];
  let instances: readonly [Instances, Instances];
  const opened: SharedEvents[] = [];
  before(async function () {
    cluster = await clusterFor(this, 'sluice-events');
    links = [await cluster.open(), await cluster.open()];
    instances = [hazelcastInstances(links[0]), hazelcastInstances(links[1])];
  });
  afterEach(() => {
    for (const store of opened.splice(0)) store.close();
  });
  after(async () => {
    for (const each of instances) each.close();
    await cluster.close();
  });

  const store = (which: 0 | 1, options: { maxEvents?: number; maxBytes?: number; ttlMs?: number } = {}) => {
    const made = hazelcastEvents({
      link: links[which],
      instances: instances[which],
      maxEvents: 10_000,
      maxBytes: 10e6,
      maxTotalBytes: 50e6,
      ttlMs: 60_000,
      ...options,
    });
    opened.push(made);
    return made;
  };
  const fill = (events: SharedEvents, session: string, from: number, to: number, size = 1): void => {
    if (from === 1) events.open(session, 'a', 7);
    for (let position = from; position <= to; position++)
      events.append(
        session,
        { streamId: 'a', position },
        JSON.stringify({ position, text: 'x'.repeat(size) }),
      );
  };
  const kept = async (events: SharedEvents, session: string, position = 0): Promise<Kept> => {
    const missed = await settled(events.after(session, { streamId: 'a', position }));
    assert.ok(typeof missed === 'object', String(missed));
    return missed;
  };
  const positions = ({ events }: Pick<Kept, 'events'>): number[] =>
    events.map(({ id }) => Number(id.split('.')[1]));
  const upTo = (to: number, from = 1): number[] =>
    Array.from({ length: to - from + 1 }, (_, at) => from + at);

  eventStoreContract(
    'stores/hazelcast/hazelcastEvents',
    async (options) => {
      await firstValueFrom(links[0].use('sluice.events', (events) => events.clear()));
      const written = store(0, options);
      return {
        store: written,
        reader: store(1, options),
        written: () => within(5000, 'the copy', written.written()),
        // Members count in whole seconds of real time.
        pass: (ms) => delay(ms === options.ttlMs * 0.3 ? ms + 1500 : ms),
      };
    },
    3000,
  );

  it('gives all of a long stream to another instance, sealed parts and the rest, from any place', async () => {
    const [one, other] = [store(0), store(1)];
    for (let from = 1; from <= 300; from += 30) {
      fill(one, 'long', from, from + 29, 1000);
      await one.written();
    }
    for (const position of [0, 1, 29, 30, 31, 150, 298, 299, 300])
      assert.deepEqual(positions(await kept(other, 'long', position)), upTo(300, position + 1));
  });

  it('loses none with a member that is killed', async () => {
    const [one, other] = [store(0), store(1)];
    for (let i = 0; i < 20; i++) fill(one, `member ${i}`, 1, 5, 10_000);
    await one.written();
    await cluster.kill(1);
    for (let i = 0; i < 20; i++) assert.deepEqual(positions(await kept(other, `member ${i}`)), upTo(5));
    await cluster.start(1);
  }).timeout(60_000);

  it('follows a stream that another instance still sends, up to its end', async () => {
    const [one, other] = [store(0), store(1)];
    fill(one, 'live', 1, 2);
    await one.written();
    const { events, more$ } = await kept(other, 'live', 1);
    assert.deepEqual(positions({ events }), [2]);
    assert.ok(more$);
    const followed = lastValueFrom(more$.pipe(reduce((all, some) => [...all, ...some], [...events])));
    fill(one, 'live', 3, 4);
    await one.written();
    fill(one, 'live', 5, 5);
    one.end('live', 'a');
    assert.deepEqual(positions({ events: await within(5000, 'the end', followed) }), [2, 3, 4, 5]);
  });

  it('says that an instance is lost, once all that it kept has been given', async () => {
    const link = await cluster.open();
    const gone = hazelcastInstances(link);
    const one = hazelcastEvents({
      link,
      instances: gone,
      maxEvents: 10,
      maxBytes: 1e6,
      maxTotalBytes: 1e6,
      ttlMs: 60_000,
    });
    fill(one, 'lost', 1, 3);
    await one.written();
    const heard = firstValueFrom(instances[1].gone$.pipe(filter(({ instance }) => instance === gone.self)));
    one.close();
    gone.close();
    await within(15_000, 'hearing that it is gone', heard);
    for (const [position, left] of [
      [0, [1, 2, 3]],
      [3, []],
      [9, []],
    ] as const) {
      const { events, more$, answers } = await kept(store(1), 'lost', position);
      assert.equal(answers, 7);
      assert.deepEqual(positions({ events }), left);
      assert.ok(more$);
      await assert.rejects(lastValueFrom(more$.pipe(map(positionsIn))), { code: 'ERR_INSTANCE_LOST' });
    }
  }).timeout(30_000);

  it('copies what has happened while the cluster was away, and holds nobody up meanwhile', async () => {
    const one = store(0);
    fill(one, 'away', 1, 1);
    await one.written();
    await Promise.all([cluster.kill(0), cluster.kill(1)]);
    await within(
      10_000,
      'noticing',
      firstValueFrom(links[0].state.changes$.pipe(filter((state) => state === 'away'))),
    );
    fill(one, 'away', 2, 9);
    assert.deepEqual(positions(await kept(one, 'away')), upTo(9), 'here they are at hand');
    await assert.rejects(kept(store(1), 'away'), { code: 'ERR_STORE_AWAY' });
    await cluster.start(0, 1);
    await within(20_000, 'the copy', one.written());
    await within(20_000, 'the other', firstValueFrom(links[1].back$));
    assert.deepEqual(positions(await kept(store(1), 'away')), upTo(9));
    await cluster.start(1);
  }).timeout(90_000);
});

const positionsIn = (events: readonly unknown[]): number => events.length;
