import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';

/** How much the stores keep, and for how long. */
export const storeBounds = ({ sessions: { ttlMs, max }, buffers, tasks, cache }: Settings) => ({
  sessions: { ttlMs, max },
  events: {
    maxEvents: limits.maxKeptEvents,
    maxBytes: buffers.sessionEventsBytes,
    maxTotalBytes: buffers.eventsBytes,
    ttlMs: limits.keptAfterEndMs,
  },
  tasks: { max: tasks.max, maxBytes: limits.maxTaskBytes },
  answers: { maxBytes: cache?.maxBytes ?? 0 },
  counters: { maxKeys: limits.maxCounters },
});
