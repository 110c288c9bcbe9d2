import type { Exchange } from './exchange.js';
import type { StreamLimit } from './streamLimits.js';

/**
 * Takes what an exchange needs of a limit.
 *
 * @returns gives it back, to be called once; undefined when the limit has nothing to do with the exchange
 * @throws what the limit refuses with
 */
export const takeSlots = <E extends Exchange>(
  exchange: E,
  { slots, keyOf, countOf, max, refuse }: StreamLimit<E>,
): (() => void) | undefined => {
  const key = keyOf(exchange);
  if (key === undefined) return undefined;
  const count = countOf?.(exchange) ?? 1;
  if (!slots.take(key, max, count)) throw refuse();
  return () => slots.giveBack(key, count);
};
