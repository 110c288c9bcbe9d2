import { of, throwError } from 'rxjs';
import { afterAbsence } from '../../../src/stores/hazelcast/afterAbsence.js';
import { marbles } from '../../../src/testing/marbles.js';

describe('stores/hazelcast/afterAbsence', () => {
  it('asks again each time the cluster is back, and until it has answered', () =>
    marbles(({ cold, expectObservable }) => {
      let failures = 2;
      const asked = () => (failures-- > 0 ? throwError(() => new Error('not yet')) : of('caught up'));
      const back$ = cold('a 2999ms b');
      expectObservable(afterAbsence({ back$ }, asked)).toBe('2s x 999ms x', { x: 'caught up' });
    }));
});
