import type { Counters } from '../streams/counters.js';
import { fits, takenOf, tallyAt, unused, type Tally } from '../streams/tally.js';

export interface MemoryCountersOptions {
  /** Keys that are remembered; of more, the one unused for longest begins anew. */
  readonly maxKeys: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
}

/** Counters of this process. Every answer is at hand and exact. */
export const memoryCounters = ({ maxKeys, now = Date.now }: MemoryCountersOptions): Counters => {
  const tallies = new Map<string, Tally>();
  return {
    take(key, units, limit) {
      const before = tallyAt(tallies.get(key) ?? unused, now(), limit);
      const allowed = fits(before, units, limit);
      const after = allowed ? { ...before, used: before.used + units } : before;
      // The one used last is the last of the map.
      tallies.delete(key);
      tallies.set(key, after);
      if (tallies.size > maxKeys) tallies.delete(tallies.keys().next().value ?? '');
      return takenOf(allowed, after, units, limit);
    },
    close: () => tallies.clear(),
  };
};
