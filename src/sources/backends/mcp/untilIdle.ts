/** Counts what is under way, and waits for its end. */
export interface Activity {
  begin(): void;
  end(): void;
  /** Resolves when nothing is under way any more, at the latest after `graceMs` milliseconds. */
  idle(graceMs: number): Promise<void>;
}

/** An activity with nothing under way. */
export const untilIdle = (): Activity => {
  let count = 0;
  let settled: (() => void) | undefined;
  return {
    begin: () => void count++,
    end: () => {
      count--;
      if (count === 0) settled?.();
    },
    idle: (graceMs) => {
      if (count === 0 || graceMs <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, graceMs);
        settled = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
};
