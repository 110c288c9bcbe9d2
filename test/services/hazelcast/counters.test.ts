import assert from 'node:assert/strict';
import { firstValueFrom, isObservable } from 'rxjs';
import { hazelcastCounters } from '../../../src/stores/hazelcast/hazelcastCounters.js';
import type { HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import type { Counters, Limit, Taken } from '../../../src/streams/counters.js';
import { countersContract } from '../../stores/counters.contract.js';
import { eventually } from '../../support/eventually.js';
import { inGroups } from '../../support/inGroups.js';
import { settled } from '../../support/settled.js';
import { clusterFor, type Cluster } from './clusterFor.js';

describe('Counters in Hazelcast', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let links: readonly [HazelcastLink, HazelcastLink];
  const opened: Counters[] = [];
  before(async function () {
    cluster = await clusterFor(this, 'sluice-counters');
    links = [await cluster.open(), await cluster.open()];
  });
  beforeEach(() => firstValueFrom(links[0].use('sluice.counters', (tallies) => tallies.clear())));
  afterEach(() => {
    for (const each of opened.splice(0)) each.close();
  });
  after(() => cluster.close());

  const noon = Date.UTC(2026, 10, 21, 12);
  const counters = (link: HazelcastLink, now = () => noon): Counters => {
    // A member on a busy machine may take its time: only those tests that want it see the end of the patience.
    const made = hazelcastCounters({ link, maxKeys: 1000, waitMs: 5000, now });
    opened.push(made);
    return made;
  };
  const perDay = (max: number): Limit => ({ kind: 'quota', max, windowMs: 86_400_000 });
  const given = (taken: readonly Taken[]): number => taken.filter(({ allowed }) => allowed).length;

  /** The members know of so many units, or more: what was asked of a member that hung may be counted twice. */
  const told = (units: number): Promise<void> =>
    eventually(20_000, `the members knowing of ${units}`, () =>
      firstValueFrom(links[1].use('sluice.counters', (tallies) => tallies.values())).then(
        ([tally]) => ((tally as { used: number } | undefined)?.used ?? 0) >= units,
        () => false, // away
      ),
    );

  countersContract('stores/hazelcast/hazelcastCounters', (now) => counters(links[0], now));

  it('are exact for small limits, whoever asks at the same moment', async () => {
    const both = [counters(links[0]), counters(links[1])];
    const limit = perDay(19);
    const taken = await Promise.all(
      Array.from({ length: 20 }, () => both.map((each) => settled(each.take('ann', 1, limit)))).flat(),
    );
    assert.equal(given(taken), 19);
  });

  it('give the limit and at most a twentieth more for each instance, nearly all of it at once', async () => {
    const both = [counters(links[0]), counters(links[1])] as const;
    const limit = perDay(2000);
    let atOnce = 0;
    const tries = Array.from({ length: 4000 }, (_, n) => n);
    const taken = await inGroups(tries, (n) => {
      const answer = both[n % 2 === 0 ? 0 : 1].take('ann', 1, limit);
      if (!isObservable(answer)) atOnce++;
      return settled(answer);
    });
    const all = given(taken);
    assert.ok(all >= 2000 && all <= 2200, `${all} were given`);
    assert.ok(atOnce > 3000, `${atOnce} at once`);
    console.log(`      (${all} of 2000 given, ${atOnce} of 4000 answered at once)`);
  });

  it('let one know what the other has given, and the members forget it when it counts no more', async () => {
    const [one, other] = [counters(links[0]), counters(links[1])];
    const limit: Limit = { kind: 'bucket', max: 1000, windowMs: 1000 };
    for (let n = 0; n < 1000; n++) assert.equal((await settled(one.take('ann', 1, limit))).allowed, true);
    await told(1000);
    const taken = await Promise.all(Array.from({ length: 200 }, () => settled(other.take('ann', 1, limit))));
    assert.ok(given(taken) <= 50, `${given(taken)} more`);
    const keys = await firstValueFrom(links[0].use('sluice.counters', (tallies) => tallies.keySet()));
    assert.ok(!keys.join().includes('ann'), 'names are not told');
    await eventually(10_000, 'the members forgetting', async () => {
      const size = await firstValueFrom(links[0].use('sluice.counters', (tallies) => tallies.size()));
      return size === 0;
    });
  });

  it('count for themselves while the members hang, and tell them when they go on', async () => {
    const one = hazelcastCounters({ link: links[0], maxKeys: 1000, waitMs: 500, now: () => noon });
    opened.push(one);
    const limit = perDay(19);
    assert.equal((await settled(one.take('ann', 1, limit))).allowed, true);
    await told(1);
    await Promise.all([0, 1].map((member) => cluster.signal(member, 'SIGSTOP')));
    assert.equal((await settled(one.take('ann', 10, limit))).left, 8, 'after a moment of waiting');
    const next = one.take('ann', 8, limit);
    assert.ok(!isObservable(next) && next.allowed, 'from then on at once');
    const more = one.take('ann', 1, limit);
    assert.ok(!isObservable(more) && !more.allowed, 'within its own bounds');
    await Promise.all([0, 1].map((member) => cluster.signal(member, 'SIGCONT')));
    await told(19);
  });

  it('count for themselves while the cluster is away, and with it when it is back', async () => {
    const [one, other] = [counters(links[0]), counters(links[1])];
    const limit = perDay(10);
    assert.equal((await settled(one.take('ann', 4, limit))).left, 6);
    await Promise.all([cluster.kill(0), cluster.kill(1)]);
    await eventually(10_000, 'being away', () =>
      Promise.resolve(links.every(({ state }) => state.current === 'away')),
    );
    const alone = one.take('ann', 3, limit);
    assert.ok(!isObservable(alone));
    assert.deepEqual(alone, { allowed: true, left: 3, retryMs: 0, fullMs: 12 * 3_600_000 });
    await cluster.start(0, 1);
    await told(3);
    const { left } = await settled(other.take('ann', 1, limit));
    assert.equal(left, 6, 'what the members had counted before is gone with them');
    await cluster.start(1);
  });
});
