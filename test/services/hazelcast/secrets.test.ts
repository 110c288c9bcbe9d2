import assert from 'node:assert/strict';
import { filter, firstValueFrom, map, type Observable } from 'rxjs';
import type { Secrets } from '../../../src/protocol/sealer.js';
import type { HazelcastLink } from '../../../src/stores/hazelcast/hazelcastLink.js';
import { hazelcastSecrets } from '../../../src/stores/hazelcast/hazelcastSecrets.js';
import { latest, type LiveLatest } from '../../../src/streams/latest.js';
import {
  startEverythingServer,
  type EverythingServer,
} from '../../fixtures/everythingServer/startEverythingServer.js';
import { startFollowing, type FollowingGateway } from '../../gateway/startFollowing.js';
import { ask } from '../../support/ask.js';
import { eventually } from '../../support/eventually.js';
import { responseOf, type SeenMessage } from '../../support/messagesOf.js';
import { modernRequest } from '../../support/modern.js';
import { within } from '../../support/within.js';
import { clusterFor, type Cluster } from './clusterFor.js';

type Ring = LiveLatest<readonly string[]>;

describe('Secrets in Hazelcast', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  const open: Ring[] = [];
  before(async function () {
    cluster = await clusterFor(this, 'sluice-secrets');
  });
  afterEach(() => {
    for (const each of open.splice(0)) each.close();
  });
  after(() => cluster.close());

  const clear = async (link: HazelcastLink): Promise<void> => {
    await firstValueFrom(link.use('sluice.keys', (rings) => rings.clear()));
  };
  const hex = (secrets: Secrets): string[] => secrets.map((secret) => Buffer.from(secret).toString('hex'));
  const follow = (secrets$: Observable<Secrets>): Ring => {
    const ring = latest(secrets$.pipe(map(hex)), []);
    open.push(ring);
    return ring;
  };
  const until = (ring: Ring, is: (secrets: readonly string[]) => boolean): Promise<readonly string[]> =>
    within(20_000, 'the secrets', firstValueFrom(ring.changes$.pipe(filter(is))));

  it('are the same for those who come at the same moment, and for those who come later', async () => {
    const links = await Promise.all([cluster.open(), cluster.open(), cluster.open()]);
    const [first] = links;
    await clear(first);
    const rings = links.map((link) => follow(hazelcastSecrets({ link, overlapMs: 1000 })));
    const [one, ...others] = await Promise.all(rings.map((ring) => until(ring, ({ length }) => length > 0)));
    assert.equal(one?.length, 1);
    assert.equal(one[0]?.length, 64, '32 bytes');
    for (const other of others) assert.deepEqual(other, one);
    const later = follow(hazelcastSecrets({ link: await cluster.open(), overlapMs: 1000 }));
    assert.deepEqual(await until(later, ({ length }) => length > 0), one);
  });

  it('change: the next is known to all before it seals, the one before opens for its time, then it goes', async () => {
    const links = [await cluster.open(), await cluster.open()] as const;
    await clear(links[0]);
    const options = { everyMs: 3000, lookMs: 100, overlapMs: 1000 };
    const rings = links.map((link) => follow(hazelcastSecrets({ link, ...options })));
    const seen = rings.map((ring) => {
      const all: (readonly string[])[] = [];
      ring.changes$.subscribe((secrets) => all.push(secrets));
      return all;
    });
    const [first = ''] = await until(rings[0] ?? assert.fail(), ({ length }) => length === 1);
    await Promise.all(
      rings.map((ring) => until(ring, ({ length, 0: newest }) => length === 1 && newest !== first)),
    );
    for (const all of seen) {
      const [second = ''] = all.at(-1) ?? [];
      const turns = all.filter(({ length }) => length > 0);
      assert.deepEqual(turns, [[first], [first, second], [second, first], [second]]);
    }
  });

  it('are given back to a cluster that has lost everything', async () => {
    const link = await cluster.open();
    await clear(link);
    const ring = follow(hazelcastSecrets({ link, overlapMs: 1000, lookMs: 200 }));
    const before = await until(ring, ({ length }) => length === 1);
    await Promise.all([cluster.kill(0), cluster.kill(1)]);
    await cluster.start(0, 1);
    await eventually(20_000, 'the ring being there', () =>
      firstValueFrom(link.use('sluice.keys', (rings) => rings.size())).then(
        (size) => size === 1,
        () => false, // still away
      ),
    );
    const other = follow(hazelcastSecrets({ link: await cluster.open(), overlapMs: 1000 }));
    assert.deepEqual(await until(other, ({ length }) => length > 0), before);
    assert.deepEqual(ring.current, before);
    await cluster.start(1);
  });

  describe('of two gateways that were given none', () => {
    let server: EverythingServer;
    const running: FollowingGateway[] = [];
    before(async () => {
      server = await startEverythingServer({ era: 'modern' });
    });
    after(async () => {
      await Promise.all(running.map(({ gateway }) => gateway.close()));
      await server.close();
    });
    const start = async (): Promise<FollowingGateway> => {
      const { clusterName, addresses } = cluster;
      const list = addresses.map((address) => `"${address}"`).join();
      const started = await startFollowing(
        [
          `sessions: { store: hazelcast, hazelcast: { cluster_name: ${clusterName}, addresses: [${list}] } }`,
          'page_size: 2',
          `servers: { s: { url: "${server.url}" } }`,
        ].join('\n'),
      );
      running.push(started);
      return started;
    };
    const call = async ({ port }: FollowingGateway, more = {}): Promise<SeenMessage> => {
      const params = { name: 's_test_input_required_result_request_state', arguments: {}, ...more };
      const meta = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: {} } };
      return responseOf(await ask(port, modernRequest('tools/call', params, { meta })));
    };

    it('let a call that asks for input go on with the other, and a list too', async () => {
      const [one, other] = [await start(), await start()];
      const page = async ({ port }: FollowingGateway, cursor?: unknown): Promise<SeenMessage> =>
        responseOf(await ask(port, modernRequest('tools/list', cursor === undefined ? {} : { cursor })));
      await eventually(15_000, 'a page of the one being continued by the other', async () => {
        const { result } = await page(other, (await page(one)).result?.['nextCursor']);
        return result !== undefined;
      });
      const { result } = await call(one);
      assert.equal(result?.['resultType'], 'input_required');
      const [key = ''] = Object.keys(result['inputRequests'] ?? {});
      const answered = await call(other, {
        inputResponses: { [key]: { action: 'accept', content: { ok: true } } },
        requestState: String(result['requestState']),
      });
      assert.match(JSON.stringify(answered), /state-ok/);
    });
  });
});
