import assert from 'node:assert/strict';
import { VirtualTimeScheduler } from 'rxjs';
import { memoryTasks } from '../../src/stores/memoryTasks.js';
import { taskRecord, taskStoreContract } from './taskStore.contract.js';

taskStoreContract('stores/memoryTasks', (options) => {
  const scheduler = new VirtualTimeScheduler();
  return {
    store: memoryTasks({ ...options, scheduler }),
    now: () => scheduler.now(),
    pass: (ms) => {
      scheduler.maxFrames = scheduler.frame + ms;
      scheduler.flush();
      scheduler.frame = scheduler.maxFrames;
    },
  };
});

describe('stores/memoryTasks', () => {
  it('is at hand: nothing has to be waited for', () => {
    const store = memoryTasks({ max: 1, maxBytes: 1000, scheduler: new VirtualTimeScheduler() });
    const one = taskRecord(0);
    store.put(one);
    assert.equal(store.get(one.id), one);
    assert.deepEqual(store.list('ann'), [one]);
    store.close();
  });
});
