/** How much has been used of what is limited by rate or quota, by one instance or by several that share it. */
import type { Prompt } from './sessions.js';

/** How much there may be of something. */
export interface Limit {
  /** Most units. */
  readonly max: number;
  /** In so many milliseconds, which may be a fraction; of a month, its greatest length. */
  readonly windowMs: number;
  /**
   * `bucket`: holds `max` units and fills evenly in the time of the window (100 a minute, at most 20 at once: `max: 20`,
   * `windowMs: 12_000`). `quota`: so many in each window; windows begin at multiples of their length since 1970, a day at midnight UTC.
   * `month`: so many in each month of the calendar, by UTC. `total`: so many in all, until nobody has asked for the time of the window.
   */
  readonly kind: 'bucket' | 'quota' | 'month' | 'total';
}

/** Whether units could be had. */
export interface Taken {
  readonly allowed: boolean;
  /** Units left, as far as is known here; not below 0. */
  readonly left: number;
  /** When what was asked for can be had, in milliseconds; 0 if it was, `Infinity` for more units than there ever are. */
  readonly retryMs: number;
  /** When all of them are there again, in milliseconds: the bucket is full, or the window over. */
  readonly fullMs: number;
}

/** Counts by keys: who, or what, is limited. */
export interface Counters {
  /**
   * Takes some units if there are as many; else it takes none. Always answers, never with an error, and does not wait for longer
   * than a moment.
   *
   * @param key of any length; the same key has the same limit each time
   */
  take(key: string, units: number, limit: Limit): Prompt<Taken>;
  close(): void;
}
