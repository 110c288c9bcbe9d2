/** A share of the event loop for work that comes in masses: step by step, between whatever else there is to do. */
export interface LoopShare {
  /** Calls `step` again and again until it returns false, never at once and never for longer than the share. */
  run(step: () => boolean): void;
}

/**
 * Lets the steps of many take turns, so long as the share lasts, and then everything else.
 *
 * @param budgetMs milliseconds of one round of the event loop; a step is not interrupted
 */
export const loopShare = (budgetMs: number, now = (): number => performance.now()): LoopShare => {
  let waiting: (() => boolean)[] = [];
  const round = (): void => {
    const until = now() + budgetMs;
    let at = 0;
    const again: (() => boolean)[] = [];
    do {
      // Those that have more to do come after those that have not been asked yet.
      const step = waiting[at++] ?? again.shift();
      if (step === undefined) break;
      if (step()) again.push(step);
    } while (now() < until);
    waiting = [...waiting.slice(at), ...again];
    if (waiting.length > 0) setImmediate(round);
  };
  return {
    run(step) {
      if (waiting.push(step) === 1) setImmediate(round);
    },
  };
};
