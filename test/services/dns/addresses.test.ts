import assert from 'node:assert/strict';
import { modernCall } from '../../support/modern.js';
import { DnsStory } from './dnsStory.js';
import type { StartedPlace } from './startPlace.js';

describe('addresses of a name, from a real DNS server', function () {
  this.timeout(60_000);
  let story: DnsStory;
  let [first, second, third]: (StartedPlace | undefined)[] = [];

  before(async function () {
    story = await DnsStory.begin(this);
    first = await story.place('127.0.0.1');
    second = await story.place('127.0.0.2');
    third = await story.place('127.0.0.3');
    await story.dns.publish('orders 1 A 127.0.0.1', 'orders 1 A 127.0.0.2');
    await story.startGateway('empty_after: 3s');
    await story.seen(2, 'healthy');
  });
  after(() => story.end());

  it('each is an instance; requests go by the name', async () => {
    assert.equal(await story.call(4), 0);
    assert.deepEqual([first?.requests, second?.requests], [2, 2]);
    assert.deepEqual([...(first?.names ?? [])], [`orders.test:${story.port}`]);
  });

  it('a changed answer is noticed when its TTL is over; what stays keeps its connection', async () => {
    const before = story.health.instances?.map(({ id }) => id);
    await story.dns.publish('orders 1 A 127.0.0.1', 'orders 1 A 127.0.0.2', 'orders 1 A 127.0.0.3');
    await story.seen(3, 'healthy');
    await story.dns.publish('orders 1 A 127.0.0.1', 'orders 1 A 127.0.0.3');
    await story.seen(2, 'healthy');
    const asked = second?.requests;
    assert.equal(await story.call(4), 0);
    assert.equal(second?.requests, asked);
    assert.equal(third?.requests, 2);
    assert.equal(first?.connections, 1);
    assert.equal(story.health.instances?.[0]?.id, before?.[0]);
  });

  it('a name that is gone for a moment takes nothing away, and health says so', async () => {
    await story.dns.publish();
    await story.seen(2, 'stale');
    assert.equal(story.health.dns?.reason, 'DNS knows no address of its name (ENOTFOUND)');
    assert.equal(await story.call(2), 0);
    await story.dns.publish('orders 1 A 127.0.0.1', 'orders 1 A 127.0.0.3');
    await story.seen(2, 'healthy');
    assert.equal(story.health.dns.reason, undefined);
    assert.equal(first?.connections, 1);
  });

  it('one that stays gone is believed; when it is back, so is the server', async () => {
    await story.dns.publish('orders 1 TXT "nobody"');
    await story.seen(0, 'down');
    assert.equal(story.health.dns?.reason, 'DNS knows no address of its name (ENODATA)');
    const { error } = await modernCall(story.gateway.port, 'orders_get');
    assert.match(error?.message ?? '', /No instance of this server is known/);
    assert.deepEqual(await story.gateway.tools(), ['orders_get'], 'the tools stay');
    await story.dns.publish('orders 1 A 127.0.0.2');
    await story.seen(1, 'healthy');
    assert.equal(await story.call(), 0);
  });

  /** Why nobody can say anything, and how that ends. */
  const outages = [
    ['answers SERVFAIL', /\(ESERVFAIL\)$/, () => story.dns.forget(), undefined],
    ['is frozen', /\(ETIMEOUT\)$/, () => story.dns.freeze(), () => story.dns.thaw()],
    ['is down', /\((ECONNREFUSED|ETIMEOUT)\)$/, () => story.dns.stop(), () => story.dns.start()],
  ] as const;
  for (const [what, reason, begin, end] of outages)
    it(`a DNS server that ${what} takes nothing away, however long it lasts`, async () => {
      await story.dns.publish('orders 1 A 127.0.0.1', 'orders 1 A 127.0.0.2');
      await story.seen(2, 'healthy');
      await begin();
      await story.seen(2, 'stale');
      assert.match(story.health.dns?.reason ?? '', reason);
      assert.equal(await story.call(2), 0);
      await end?.();
      await story.dns.publish('orders 1 A 127.0.0.1', 'orders 1 A 127.0.0.3');
      await story.seen(2, 'healthy');
      assert.equal(await story.call(2), 0);
    });

  it('IPv6 addresses are taken where there are none of IPv4, alias names are followed', async () => {
    const sixth = await story.place('::1');
    await story.dns.publish('orders 1 CNAME v6', 'v6 1 AAAA ::1');
    await story.seen(1, 'healthy');
    assert.equal(await story.call(2), 0);
    assert.equal(sixth.requests, 2);
    assert.deepEqual([...sixth.names], [`orders.test:${story.port}`]);
  });
});

describe('a gateway that starts before a name is known', function () {
  this.timeout(60_000);
  let story: DnsStory;
  before(async function () {
    story = await DnsStory.begin(this);
  });
  after(() => story.end());

  it('is ready without the server, and has it as soon as the name resolves', async () => {
    await story.startGateway('family: ipv4', 'list_timeout: 1s');
    assert.equal(await story.gateway.readiness(), 200);
    assert.equal(story.health.status, 'down');
    assert.equal(story.health.reason, 'DNS knows no address of its name (ENOTFOUND)');
    await story.seen(0, 'down');
    await story.place('127.0.0.1');
    await story.dns.publish('orders 1 A 127.0.0.1');
    await story.gateway.showing(['orders_get'], 15_000);
    assert.equal(await story.call(), 0);
  });
});
