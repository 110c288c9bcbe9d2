import assert from 'node:assert/strict';
import { of } from 'rxjs';
import { offers } from '../../../src/streams/offers.js';
import { fakeBackend, offerOf } from '../../../src/testing/fakeBackend.js';
import { serverSettings } from '../../../src/testing/serverOffering.js';
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
        { settings: serverSettings('s'), instances },
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
});
