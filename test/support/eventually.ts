import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks again and again until the answer is true: for facts that nobody announces (another process's memory, a port that opens).
 * Where there is an event, await the event.
 *
 * @param what completes the sentence "… did not come true within N ms"
 */
export const eventually = async (
  ms: number,
  what: string,
  isTrue: () => boolean | Promise<boolean>,
): Promise<void> => {
  const giveUpAt = performance.now() + ms;
  while (!(await isTrue())) {
    if (performance.now() > giveUpAt) throw new Error(`${what} did not come true within ${ms} ms`);
    await delay(20);
  }
};
