import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import { hazelcastLink, type LinkState } from '../stores/hazelcast/hazelcastLink.js';
import { hazelcastSessions } from '../stores/hazelcast/hazelcastSessions.js';
import { memoryEvents } from '../stores/memoryEvents.js';
import { memorySessions } from '../stores/memorySessions.js';
import { memoryTasks } from '../stores/memoryTasks.js';
import type { EventStore } from '../streams/events.js';
import type { Log } from '../streams/log.js';
import type { SessionStore } from '../streams/sessions.js';
import type { TaskStore } from '../streams/taskStore.js';

/** Where the gateway keeps what outlives a call. */
export interface Stores {
  readonly sessions: SessionStore;
  /** Events of streams, for clients that come back. */
  readonly events: EventStore;
  readonly tasks: TaskStore;
  /** Whether the cluster that keeps it can be asked; undefined without one. */
  cluster(): LinkState | undefined;
  close(): Promise<void>;
}

/** The stores that the settings name, in this process or shared on a cluster; they hold for the life of the gateway. */
export const storesOf = (settings: Settings, log: Log): Stores => {
  const { ttlMs, max, hazelcast } = settings.sessions;
  const link = hazelcast === undefined ? undefined : hazelcastLink(hazelcast, log);
  const sessions =
    link === undefined ? memorySessions({ ttlMs, max }) : hazelcastSessions({ link, ttlMs, max });
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
    cluster: () => link?.state.current,
    async close() {
      sessions.close();
      events.close();
      tasks.close();
      await link?.close();
    },
  };
};
