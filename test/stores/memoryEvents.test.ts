import assert from 'node:assert/strict';
import { VirtualTimeScheduler } from 'rxjs';
import { memoryEvents } from '../../src/stores/memoryEvents.js';
import { eventStoreContract } from './eventStore.contract.js';

eventStoreContract('stores/memoryEvents', (options) => {
  const scheduler = new VirtualTimeScheduler();
  const store = memoryEvents({ ...options, maxTotalBytes: 1e6, scheduler });
  return {
    store,
    pass: (ms) => {
      scheduler.maxFrames = scheduler.frame + ms;
      scheduler.flush();
      scheduler.frame = scheduler.maxFrames;
    },
  };
});

describe('stores/memoryEvents', () => {
  it('bounds all sessions together: those lose first that have been silent for longest', () => {
    const scheduler = new VirtualTimeScheduler();
    const store = memoryEvents({
      maxEvents: 9,
      maxBytes: 1e6,
      maxTotalBytes: 10_000,
      ttlMs: 1000,
      scheduler,
    });
    const append = (session: string, position: number): void => {
      if (position === 1) store.open(session, 'a', 1);
      store.append(session, { streamId: 'a', position }, 'x'.repeat(3000));
    };
    append('s', 1);
    append('t', 1);
    append('s', 2);
    assert.equal(store.size, 3);
    append('s', 3);
    assert.equal(store.after('t', { streamId: 'a', position: 0 }), 'dropped');
    assert.notEqual(store.after('s', { streamId: 'a', position: 0 }), 'dropped');
    store.endSession('s');
    append('u', 1);
    append('u', 2);
    append('u', 3);
    assert.equal(store.size, 3, 'what was forgotten leaves its room to others');
    store.close();
  });
});
