import assert from 'node:assert/strict';
import { freePorts } from '../../support/services/freePorts.js';
import { DnsStory } from './dnsStory.js';
import type { StartedPlace } from './startPlace.js';

describe('SRV records of a service, from a real DNS server', function () {
  this.timeout(60_000);
  let story: DnsStory;
  let ports: readonly number[];
  let places: StartedPlace[];
  const requests = (): readonly number[] => places.map((place) => place.requests);

  before(async function () {
    story = await DnsStory.begin(this);
    ports = await freePorts(3);
    places = await Promise.all(ports.map((port) => story.place('127.0.0.1', port)));
    await story.dns.publish(
      `_orders._tcp 1 SRV 1 30 ${ports[0]} one`,
      `_orders._tcp 1 SRV 1 10 ${ports[1]} two`,
      `_orders._tcp 1 SRV 5 0 ${ports[2]} three`,
      'one 1 A 127.0.0.1',
      'two 1 A 127.0.0.1',
      'three 1 A 127.0.0.1',
    );
    await story.startGateway(
      'srv: _orders._tcp.test, empty_after: 3s',
      'circuit_breaker: { failures: 1, cooldown: 1h }',
    );
    await story.seen(3, 'healthy');
  });
  after(() => story.end());

  it('weights are shares, ports are those of the targets, and the name is that of the URL', async () => {
    assert.equal(await story.call(8), 0);
    assert.deepEqual(requests(), [6, 2, 0]);
    assert.deepEqual([...(places[0]?.names ?? [])], [`orders.test:${story.port}`]);
  });

  it('a higher priority stands by until the others fail', async () => {
    await Promise.all(places.slice(0, 2).map((place) => place.close()));
    assert.equal(await story.call(4), 0);
    assert.equal(places[2]?.requests, 4);
  });

  it('a changed weight or priority leaves breakers as they are', async () => {
    const broken = () =>
      story.health.instances?.flatMap(({ id, breaker }) => (breaker === 'open' ? [id] : []));
    assert.equal(broken()?.length, 2);
    const before = new Set(broken());
    await story.dns.publish(
      `_orders._tcp 1 SRV 5 1 ${ports[0]} one`,
      `_orders._tcp 1 SRV 5 1 ${ports[1]} two`,
      `_orders._tcp 1 SRV 1 1 ${ports[2]} three`,
      `_orders._tcp 1 SRV 9 1 ${story.port} three`,
      'one 1 A 127.0.0.1',
      'two 1 A 127.0.0.1',
      'three 1 A 127.0.0.1',
    );
    await story.seen(4, 'healthy');
    assert.deepEqual(new Set(broken()), before);
  });

  it('a target without an address is left out, one with several is several instances', async () => {
    await story.place('127.0.0.2', ports[2]);
    await story.dns.publish(
      `_orders._tcp 1 SRV 1 1 ${ports[2]} three`,
      `_orders._tcp 1 SRV 1 1 ${ports[1]} nowhere`,
      'three 1 A 127.0.0.1',
      'three 1 A 127.0.0.2',
    );
    await story.seen(2, 'healthy');
    assert.equal(await story.call(2), 0);
  });

  it('a service that says it is not there is gone after a while', async () => {
    await story.dns.publish('_orders._tcp 1 SRV 0 0 0 .');
    await story.seen(2, 'stale');
    await story.seen(0, 'down');
  });
});
