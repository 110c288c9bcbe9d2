import { Subject } from 'rxjs';
import type { Wire } from '../../../src/stores/workers/bookLink.js';
import type { ToWorker } from '../../../src/stores/workers/messages.js';
import type { WorkerBook } from '../../../src/stores/workers/workerBook.js';

/** A worker's way to a book in the same process: what goes over it is copied as between processes. */
export const wireTo = (book: WorkerBook, instance: string): Wire => {
  const messages = new Subject<ToWorker>();
  book.join(instance, (message) => messages.next(structuredClone(message)));
  return {
    send(message) {
      book.take(instance, structuredClone(message));
      return true;
    },
    messages$: messages.asObservable(),
  };
};
