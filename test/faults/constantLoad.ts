import { modernCall } from '../support/modern.js';

export interface LoadReport {
  readonly reads: number;
  readonly failedReads: readonly string[];
  readonly pays: number;
  /** Keys of the payments that were answered with success. */
  readonly paid: readonly string[];
  readonly slowestReadMs: number;
}

/**
 * Calls `read` and `pay` in turn at a constant rate, whatever becomes of the calls before (an open loop).
 *
 * @param perSecond calls a second
 */
export const constantLoad = (port: number, perSecond: number): { stop(): Promise<LoadReport> } => {
  const failedReads: string[] = [];
  const paid: string[] = [];
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  let pays = 0;
  let slowestReadMs = 0;

  const one = async (): Promise<void> => {
    const key = `k${sent}`;
    const name = sent++ % 2 === 0 ? 'read' : 'pay';
    if (name === 'pay') pays++;
    const startedAt = performance.now();
    const outcome = await modernCall(port, `many_${name}`, { key }, 10_000).then(
      ({ result, error }) => (result?.content?.[0]?.text === 'done' ? 'done' : (error?.message ?? 'no text')),
      (error: unknown) => String(error),
    );
    if (name === 'pay') {
      if (outcome === 'done') paid.push(key);
      return;
    }
    slowestReadMs = Math.max(slowestReadMs, performance.now() - startedAt);
    if (outcome !== 'done') failedReads.push(outcome);
  };

  const beganAt = performance.now();
  // A late tick sends what is due: the rate holds on a busy machine.
  const clock = setInterval(() => {
    const due = ((performance.now() - beganAt) * perSecond) / 1000;
    while (sent < due) {
      const call: Promise<void> = one().finally(() => underWay.delete(call));
      underWay.add(call);
    }
  }, 5);
  return {
    async stop() {
      clearInterval(clock);
      await Promise.all(underWay);
      return { reads: sent - pays, failedReads, pays, paid, slowestReadMs };
    },
  };
};
