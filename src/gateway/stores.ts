import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import { memoryEvents } from '../stores/memoryEvents.js';
import { memorySessions } from '../stores/memorySessions.js';
import { memoryTasks } from '../stores/memoryTasks.js';
import type { EventStore } from '../streams/events.js';
import type { SessionStore } from '../streams/sessions.js';
import type { TaskStore } from '../streams/taskStore.js';

/** Where the gateway keeps what outlives a call. */
export interface Stores {
  readonly sessions: SessionStore;
  /** Events of streams, for clients that come back. */
  readonly events: EventStore;
  readonly tasks: TaskStore;
  close(): void;
}

/** The stores that the settings name; they hold for the life of the gateway. */
export const storesOf = (settings: Settings): Stores => {
  const { ttlMs, max } = settings.sessions;
  const sessions = memorySessions({ ttlMs, max });
  const events = memoryEvents({
    maxEvents: limits.maxKeptEvents,
    maxBytes: settings.buffers.sessionEventsBytes,
    maxTotalBytes: settings.buffers.eventsBytes,
    ttlMs: limits.keptAfterEndMs,
  });
  const tasks = memoryTasks({ max: settings.tasks.max, maxBytes: limits.maxTaskBytes });
  return {
    sessions,
    events,
    tasks,
    close() {
      sessions.close();
      events.close();
      tasks.close();
    },
  };
};
