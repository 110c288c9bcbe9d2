import { VirtualTimeScheduler } from 'rxjs';
import { memoryEvents } from '../../src/stores/memoryEvents.js';
import { eventStoreContract } from './eventStore.contract.js';

eventStoreContract('stores/memoryEvents', (options) => {
  const scheduler = new VirtualTimeScheduler();
  const store = memoryEvents({ ...options, scheduler });
  return {
    store,
    pass: (ms) => {
      scheduler.maxFrames = scheduler.frame + ms;
      scheduler.flush();
      scheduler.frame = scheduler.maxFrames;
    },
  };
});
