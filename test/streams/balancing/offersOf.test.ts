import assert from 'node:assert/strict';
import { map, of } from 'rxjs';
import type { Offer } from '../../../src/streams/backend.js';
import { offers } from '../../../src/streams/offers.js';
import { fakeBackend, offerOf } from '../../../src/testing/fakeBackend.js';
import { marbles } from '../../../src/testing/marbles.js';
import { serverSettings } from '../../../src/testing/serverOffering.js';
import { steadyInstances } from '../../../src/testing/steadyInstances.js';
import { changingInstances } from './changingInstances.js';
import { instancesWith } from './instances.js';

describe('streams/offers, of several instances', () => {
  it('asks those in trouble last', () => {
    const instances = instancesWith(['a', 'b', 'c']).map((instance) => ({
      ...instance,
      backend: fakeBackend({ offer: () => of(offerOf({ instructions: instance.id })) }),
    }));
    const asked = (): string => {
      const found: string[] = [];
      const feed = offers(
        { settings: serverSettings('s'), instances: steadyInstances(instances) },
        { backoff: { firstMs: 1, maxMs: 1 }, minAgeMs: 1 },
      );
      feed.events$
        .subscribe((event) => {
          if (event.kind === 'offered') found.push(event.offer.instructions ?? '');
        })
        .unsubscribe();
      return found.join();
    };
    assert.equal(asked(), 'a');
    instances[0]?.standing.report({ status: 'unhealthy', latencyMs: undefined, failures: 2 });
    assert.equal(asked(), 'b');
    instances[0]?.standing.report({ status: 'healthy', latencyMs: 1, failures: 0 });
    assert.equal(asked(), 'a');
  });

  it('asks when one comes or goes, and the same answer from another is the same offer', () =>
    marbles(({ cold, expectObservable }) => {
      const answers = { a: 'one', b: 'one', c: 'two' } as const;
      const [a, b, c] = (['a', 'b', 'c'] as const).map((id) => ({
        id,
        backend: fakeBackend({ offer: () => of(offerOf({ instructions: answers[id] })) }),
      }));
      assert.ok(a && b && c);
      const { instances, become } = changingInstances([a, b]);
      const feed = offers(
        { settings: serverSettings('s'), instances },
        { backoff: { firstMs: 1, maxMs: 1 }, minAgeMs: 1 },
      );
      cold('300ms b 299ms c').subscribe((step) => (step === 'b' ? become(b) : become(c)));
      const known: Offer[] = [];
      const heard$ = feed.events$.pipe(
        map((event) => {
          assert.ok(event.kind === 'offered');
          if (!known.includes(event.offer)) known.push(event.offer);
          return known.indexOf(event.offer);
        }),
      );
      expectObservable(heard$, '^ 700ms !').toBe('0 299ms 1 299ms 2', [0, 0, 1]);
    }));

  it('waits for the first address as long as for an answer, and says that there is none', () =>
    marbles(({ cold, expectObservable }) => {
      const { instances, become } = changingInstances([]);
      const feed = offers(
        { settings: serverSettings('s', { listTimeoutMs: 50 }), instances },
        { backoff: { firstMs: 1000, maxMs: 1000 }, minAgeMs: 1 },
      );
      cold('70ms x').subscribe(() => become({ id: 'a', backend: fakeBackend() }));
      const heard$ = feed.events$.pipe(map((event) => (event.kind === 'failed' ? event.reason : event.kind)));
      expectObservable(heard$, '^ 100ms !').toBe('50ms f 19ms o', {
        f: 'No instance of this server is known',
        o: 'offered',
      });
    }));
});
