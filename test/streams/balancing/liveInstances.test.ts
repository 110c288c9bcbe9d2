import assert from 'node:assert/strict';
import { EMPTY, lastValueFrom, Subject } from 'rxjs';
import { LiveInstances } from '../../../src/streams/balancing/liveInstances.js';
import type { Place, Places } from '../../../src/streams/balancing/places.js';
import type { Instance } from '../../../src/streams/serverState.js';
import { silent, type Log } from '../../../src/streams/log.js';
import { refusal } from '../../../src/protocol/errors.js';
import { fakeBackend, type FakeBackend } from '../../../src/testing/fakeBackend.js';
import { marbles } from '../../../src/testing/marbles.js';
import { balancing } from './instances.js';

const place = (host: string, parts: Partial<Place> = {}): Place => ({
  url: `http://${host}.test`,
  weight: 1,
  standby: false,
  ...parts,
});

/** Instances that follow what the test says. */
const following = (parts: Partial<ConstructorParameters<typeof LiveInstances>[0]> = {}) => {
  const places$ = new Subject<Places>();
  const backends: FakeBackend[] = [];
  const instances = new LiveInstances({
    server: 's',
    places$,
    connect() {
      const backend = fakeBackend();
      backends.push(backend);
      return { backend };
    },
    balancing: balancing(),
    graceMs: () => 7,
    log: silent,
    ...parts,
  });
  const run = (...places: readonly Place[]): readonly Instance[] => {
    places$.next({ places, stale: undefined });
    return instances.current;
  };
  return { instances, backends, places$, run };
};

describe('streams/balancing/liveInstances', () => {
  it('one that stays is the same, with its connections, breaker and latency; one that goes is let finish', async () => {
    const { instances, backends, run } = following();
    const [a, b] = run(place('a'), place('b'));
    for (let times = 0; times < 2; times++) b?.standing?.failed(b.standing.begin());
    b?.standing?.replied(40);
    const [c, still] = run(place('c'), place('b'));
    assert.equal(still, b);
    assert.equal(still?.standing?.view.breaker, 'open');
    assert.equal(still.standing.view.latencyMs, 40);
    assert.deepEqual(
      backends.map(({ closedWith }) => closedWith),
      [7, undefined, undefined],
    );
    assert.notEqual(c?.id, a?.id);
    await instances.close(3);
    assert.deepEqual(
      backends.map(({ closedWith }) => closedWith),
      [7, 3, 3],
    );
  });

  it('one that can not be connected is down, alone, and says why in the log, without its address', async () => {
    const lines: unknown[] = [];
    const backend = fakeBackend();
    const { instances, run } = following({
      connect({ url }) {
        if (url.includes('broken')) throw new TypeError(`No way to http://ann:s3cret@host/?key=s3cret!`);
        return { backend };
      },
      log: { ...silent, error: (fields, message) => void lines.push({ ...fields, message }) },
    });
    const [broken, well, wild] = run(place('broken'), place('b'), { ...place('c'), url: 'broken, no URL' });
    assert.equal(well?.backend, backend);
    for (const one of [broken, wild]) {
      const down = {
        code: 'ERR_UPSTREAM_UNREACHABLE',
        message: 'The backend can not be used as it is configured',
      };
      await assert.rejects(lastValueFrom(one?.backend.offer() ?? EMPTY), down);
      await assert.rejects(lastValueFrom(one?.backend.watch('a') ?? EMPTY), down);
      assert.equal(one?.standing?.view.health.status, 'unhealthy');
    }
    const told = {
      event: 'instance_unusable',
      server: 's',
      message: 'An instance can not be used as it is configured',
    };
    const reason = 'TypeError: No way to [address]';
    assert.deepEqual(lines, [
      { ...told, instance: broken?.id, reason },
      { ...told, instance: wild?.id, reason },
    ]);
    await instances.close(0);
  });

  it('is known by its address: the same one in another order, in another process, has the same id', async () => {
    const { instances, run } = following();
    const ids = (list: readonly Instance[]) => list.map(({ id }) => id);
    const [a, b] = ids(run(place('a'), place('b')));
    assert.deepEqual(ids(run(place('b'), place('a'))), [b, a]);
    assert.match(String(a), /^s#[0-9a-f]{8}$/);
    const elsewhere = following();
    assert.deepEqual(ids(elsewhere.run(place('a'))), [a]);
    const resolved = (host: string, port: number) => place('a', { at: { host, port } });
    const three = ids(run(resolved('10.0.0.1', 80), resolved('10.0.0.2', 80), resolved('10.0.0.1', 81)));
    assert.equal(new Set(three).size, 3);
    await Promise.all([instances.close(0), elsewhere.instances.close(0)]);
  });

  it('an address that comes twice is one instance; without an address there is one', async () => {
    const { instances, run } = following();
    assert.equal(run(place('a'), place('a')).length, 1);
    assert.equal(run(place('a', { url: '' }))[0]?.id, 's#1');
    await instances.close(0);
  });

  it('weight and rank may change without anything else', async () => {
    const { instances, backends, run } = following();
    const lists: (readonly Instance[])[] = [];
    instances.changes$.subscribe((list) => lists.push(list));
    const [a] = run(place('a'));
    run(place('a', { weight: 5, standby: true }));
    assert.equal(a?.standing?.weight, 5);
    assert.equal(a.standing.standby, true);
    assert.equal(backends.length, 1);
    assert.equal(lists.length, 2, 'the list of before there was any, and the one with it');
    await instances.close(0);
  });

  it('is not chosen any more when it is closed, and is no outlier among those that are left', async () => {
    const { instances, run } = following();
    const [a] = run(place('a'), place('b'));
    const peers = a?.standing?.peers;
    let listed: readonly Instance[] = [];
    instances.changes$.subscribe((list) => (listed = list));
    const [b] = run(place('b'));
    assert.deepEqual(listed, [b]);
    for (let times = 0; times < 20; times++) {
      a?.standing?.replied(10);
      b?.standing?.replied(5000);
    }
    assert.ok(b?.standing !== undefined);
    assert.equal(peers?.isOutlier(b.standing), false);
    await instances.close(0);
  });

  it('pings those there are, and stops with each', () =>
    marbles(({ cold, expectSubscriptions, flush }) => {
      const healthCheck = {
        kind: 'mcp',
        path: '/',
        intervalMs: 100,
        timeoutMs: 50,
        unhealthyAfter: 1,
        healthyAfter: 1,
        degradedMs: undefined,
      } as const;
      const pings = { a: cold('----a'), b: cold('---------b') };
      const lists: Readonly<Record<string, Places>> = {
        x: { places: [place('a'), place('b')], stale: undefined },
        y: { places: [place('b')], stale: undefined },
      };
      const instances = new LiveInstances({
        server: 's',
        places$: cold('-x-y', lists),
        connect: ({ url }) => ({
          backend: fakeBackend(),
          probe: () => (url === 'http://a.test' ? pings.a : pings.b),
        }),
        balancing: balancing({ healthCheck }),
        graceMs: () => 0,
        log: silent,
      });
      cold('------x').subscribe(() => void instances.close(0));
      expectSubscriptions(pings.a.subscriptions).toBe('-^-!');
      expectSubscriptions(pings.b.subscriptions).toBe('-^----!');
      flush();
    }));

  it('says when its addresses may be out of date', async () => {
    const { instances, places$ } = following();
    const stale = { since: 5, reason: 'no answer' };
    places$.next({ places: [place('a')], stale });
    assert.equal(instances.stale, stale);
    places$.next({ places: [place('a')], stale: undefined });
    assert.equal(instances.stale, undefined);
    await instances.close(0);
  });

  it('logs that they may be, why, and that they are known again', async () => {
    const lines: unknown[] = [];
    const write: Log['info'] = ({ event, reason }) => {
      if (String(event).startsWith('addresses')) lines.push([event, reason]);
    };
    const { instances, places$ } = following({ log: { ...silent, info: write, warn: write } });
    for (const reason of [undefined, 'a', 'a', 'b', undefined, undefined])
      places$.next({ places: [place('a')], stale: reason === undefined ? undefined : { since: 5, reason } });
    assert.deepEqual(lines, [
      ['addresses_stale', 'a'],
      ['addresses_stale', 'b'],
      ['addresses_fresh', undefined],
    ]);
    await instances.close(0);
  });

  it('logs what comes and goes, with its address but not with a query', async () => {
    const lines: unknown[] = [];
    const write: Log['info'] = ({ event, address }) => void lines.push([event, address]);
    const { instances, run } = following({ log: { ...silent, info: write } });
    run(place('a'));
    run(place('b', { url: 'http://b.test:81/mcp?key=secret' }));
    run(place('b', { at: { host: '::1', port: 82 } }));
    assert.deepEqual(lines, [
      ['instance_added', 'b.test:81'],
      ['instance_gone', undefined],
      ['instance_added', '::1 port 82'],
      ['instance_gone', undefined],
    ]);
    await instances.close(0);
  });

  it('one that does not close cleanly is logged and keeps nobody waiting', async () => {
    const lines: string[] = [];
    const { instances, run } = following({
      connect: () => ({
        backend: { ...fakeBackend(), close: () => Promise.reject(refusal('ERR_INTERNAL', 'no')) },
      }),
      log: { ...silent, warn: (_fields, line) => void lines.push(line) },
    });
    run(place('a'));
    await instances.close(0);
    assert.deepEqual(lines, ['A backend did not close cleanly']);
  });

  it('waits with its own end for those sent away before', async () => {
    const closed = new Subject<never>();
    const slow = { ...fakeBackend(), close: () => lastValueFrom(closed, { defaultValue: undefined }) };
    const backends = [slow, fakeBackend()];
    const { instances, run } = following({ connect: () => ({ backend: backends.shift() ?? fakeBackend() }) });
    run(place('a'));
    run(place('b'));
    let over = false;
    const all = instances.close(0).then(() => (over = true));
    await Promise.resolve();
    assert.equal(over, false);
    closed.complete();
    await all;
    assert.equal(over, true);
  });
});
