import { followed } from '../../streams/followed.js';
import type { Counters, Taken } from '../../streams/counters.js';

/** Told what was left of a limit when somebody looked. */
export type Peeked = (key: string, left: number) => void;

/** Counters that tell what they would do, and take nothing. */
export const peekingCounters = (counters: Counters, peeked: Peeked): Counters => ({
  take: (key, units, limit) =>
    followed(counters.take(key, 0, limit), (taken): Taken => {
      peeked(key, taken.left);
      const allowed = taken.left >= units;
      return { ...taken, allowed, retryMs: allowed ? 0 : Math.max(taken.retryMs, 1000) };
    }),
  close: () => undefined,
});
