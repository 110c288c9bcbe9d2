import { of } from 'rxjs';
import type { Settings } from '../config/settings.js';
import { BookLink, type Wire } from '../stores/workers/bookLink.js';
import { workerAnswers } from '../stores/workers/workerAnswers.js';
import { workerCounters } from '../stores/workers/workerCounters.js';
import { workerEvents } from '../stores/workers/workerEvents.js';
import { WorkerSessions } from '../stores/workers/workerSessions.js';
import { workerTasks } from '../stores/workers/workerTasks.js';
import { storeBounds } from './storeBounds.js';
import type { Stores } from './stores.js';

/**
 * The stores of one of several workers, over the book that all share.
 *
 * @param self the worker's id
 * @param key what seals where the configuration names no keys
 */
export const workerStores =
  (wire: Wire, self: string, key: Uint8Array) =>
  (settings: Settings): Stores => {
    const bounds = storeBounds(settings);
    const link = new BookLink(wire);
    const sessions = new WorkerSessions({ link, self, ttlMs: bounds.sessions.ttlMs });
    const events = workerEvents({ link, ...bounds.events });
    const tasks = workerTasks(link, self);
    const counters = workerCounters(link, bounds.counters);
    return {
      sessions,
      counters,
      events,
      tasks,
      homes: sessions,
      answers: () => workerAnswers(link),
      secrets$: of([key]),
      cluster: () => undefined,
      close() {
        for (const part of [sessions, events, tasks, counters, link]) part.close();
        return Promise.resolve();
      },
    };
  };
