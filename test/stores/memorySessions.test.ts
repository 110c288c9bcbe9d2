import assert from 'node:assert/strict';
import { VirtualTimeScheduler } from 'rxjs';
import { memorySessions } from '../../src/stores/memorySessions.js';
import { sessionId } from '../../src/streams/sessions.js';
import { sessionStoreContract } from './sessionStore.contract.js';

sessionStoreContract('stores/memorySessions', (options) => {
  const scheduler = new VirtualTimeScheduler();
  const store = memorySessions({ ...options, scheduler });
  return {
    store,
    pass: (ms) => {
      scheduler.maxFrames = scheduler.frame + ms;
      scheduler.flush();
      scheduler.frame = scheduler.maxFrames;
    },
  };
});

describe('stores/memorySessions', () => {
  it('is at hand: nothing has to be waited for', () => {
    const store = memorySessions({ ttlMs: 1000, max: 1, scheduler: new VirtualTimeScheduler() });
    assert.equal(store.get('x'), undefined);
    assert.equal(store.delete('x'), false);
    store.close();
  });
});

describe('streams/sessions: sessionId', () => {
  it('is 256 bits in visible ASCII, never the same', () => {
    const ids = new Set(Array.from({ length: 1000 }, sessionId));
    assert.equal(ids.size, 1000);
    for (const id of ids) assert.match(id, /^[A-Za-z0-9_-]{43}$/);
  });
});
