import assert from 'node:assert/strict';
import { BehaviorSubject } from 'rxjs';
import { instanceStates } from '../../src/gateway/instanceStates.js';
import { latest } from '../../src/streams/latest.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { catalogOf } from '../operators/scenarios.js';
import { changingInstances } from '../streams/balancing/changingInstances.js';
import { instancesWith, type Standard } from '../streams/balancing/instances.js';

describe('gateway/instanceStates', () => {
  const setUp = () => {
    const [a, b] = instancesWith(['a', 'b']) as [Standard, Standard];
    const { instances, become } = changingInstances([a]);
    const many = { ...serverOffering('many', {}), instances };
    const single = serverOffering('single', {});
    const catalogs = new BehaviorSubject(catalogOf(many, single));
    const states$ = instanceStates(latest(catalogs, catalogs.value));
    const told: string[] = [];
    const listen = () =>
      states$.subscribe(({ server, instance, present, breaker, health, failures }) =>
        told.push(`${server} ${instance} ${present ? `${breaker} ${health} ${failures}` : 'gone'}`),
      );
    /** What has been told since it was asked last. */
    const heard = () => told.splice(0);
    return { a, b, become, many, single, catalogs, listen, heard };
  };

  it('tells how all stand, and then what changes: breaker, health, coming and going', () => {
    const { a, b, become, listen, heard } = setUp();
    const subscription = listen();
    assert.deepEqual(heard(), ['server a closed unknown 0', 'single single#1 closed unknown 0']);
    for (let times = 0; times < 2; times++) a.standing.failed(a.standing.begin());
    assert.deepEqual(heard(), ['server a open unknown 2']);
    a.standing.report({ status: 'unhealthy', latencyMs: undefined, failures: 2 });
    assert.deepEqual(heard(), ['server a open unhealthy 2']);
    become(a, b);
    assert.deepEqual(heard(), ['server b closed unknown 0']);
    become(b);
    assert.deepEqual(heard(), ['server a gone']);
    subscription.unsubscribe();
    b.standing.report({ status: 'degraded', latencyMs: 5, failures: 0 });
    assert.deepEqual(heard(), []);
    a.standing.end();
    b.standing.end();
  });

  it('a call that succeeds tells nothing; one who comes later hears how it stands now', () => {
    const { a, listen, heard } = setUp();
    const first = listen();
    heard();
    a.standing.succeeded(a.standing.begin());
    assert.deepEqual(heard(), []);
    a.standing.failed(a.standing.begin());
    const second = listen();
    assert.deepEqual(heard(), ['server a closed unknown 1', 'single single#1 closed unknown 0']);
    first.unsubscribe();
    second.unsubscribe();
    a.standing.end();
  });

  it('a server that is no more takes its instances along; a new offer of another changes nothing', () => {
    const { a, many, single, catalogs, listen, heard } = setUp();
    const subscription = listen();
    heard();
    catalogs.next(catalogOf({ ...many, offer: undefined }, single));
    assert.deepEqual(heard(), []);
    catalogs.next(catalogOf(single));
    assert.deepEqual(heard(), ['server a gone']);
    subscription.unsubscribe();
    a.standing.end();
  });
});
