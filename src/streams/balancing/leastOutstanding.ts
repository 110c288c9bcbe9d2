import type { Instance } from '../serverState.js';
import type { Strategy } from './strategy.js';
import { weightOf } from './weightOf.js';

/**
 * The instance with the fewest calls under way first, in relation to its weight; equal ones take turns.
 *
 * A slow instance gets as many calls as it gets done, a frozen one soon none.
 */
export const leastOutstanding = (): Strategy => {
  let turn = 0;
  return (candidates) => {
    const first = turn % candidates.length;
    turn = first + 1;
    // Sorting is stable: the turn decides between equals.
    return [...candidates.slice(first), ...candidates.slice(0, first)].sort((a, b) => load(a) - load(b));
  };
};

/** As it would be with this call. */
const load = (instance: Instance): number => ((instance.standing?.outstanding ?? 0) + 1) / weightOf(instance);
