import type { Settings } from '../config/settings.js';
import { BookLink, type Wire } from '../stores/workers/bookLink.js';
import { WorkerSessions } from '../stores/workers/workerSessions.js';
import type { Log } from '../streams/log.js';
import { storesOf, type Stores } from './stores.js';

/**
 * The stores of one of several workers: sessions in the book that all share, the rest in its own memory.
 *
 * @param self the worker's id
 */
export const workerStores =
  (wire: Wire, self: string) =>
  (settings: Settings, log: Log): Stores => {
    const own = storesOf(settings, log);
    const link = new BookLink(wire);
    const sessions = new WorkerSessions({ link, self, ttlMs: settings.sessions.ttlMs });
    return {
      ...own,
      sessions,
      homes: sessions,
      async close() {
        sessions.close();
        link.close();
        await own.close();
      },
    };
  };
