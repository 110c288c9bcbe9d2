/** The clock of a replay: when, here, something that was recorded has its turn. */
export interface Pace {
  /** Of `performance.now()`. */
  due(t: number): number;
  /** Whether there is a clock: without one, everything has its turn at once. */
  readonly isTimed: boolean;
}

/** As fast as it was times `rate`; `Infinity` for as fast as can be. */
export const pace = (rate: number, startAt: number): Pace =>
  rate === Infinity
    ? { due: () => performance.now(), isTimed: false }
    : { due: (t) => startAt + t / rate, isTimed: true };
