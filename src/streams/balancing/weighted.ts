import type { Instance } from '../serverState.js';
import type { Strategy } from './strategy.js';
import { weightOf } from './weightOf.js';

/**
 * Smooth weighted round-robin: in as many calls as the weights sum up to each instance has its weight of them, and those of a
 * heavy one are spread over the round rather than in a row (5, 1, 1: `a a b a c a a`).
 *
 * Each call gives every candidate its weight and takes the sum from the one it goes to, which is the richest.
 */
export const weighted = (): Strategy => {
  const credits = new WeakMap<Instance, number>();
  return (candidates) => {
    let sum = 0;
    let richest = 0;
    let most = -Infinity;
    for (const [index, instance] of candidates.entries()) {
      const weight = weightOf(instance);
      const credit = (credits.get(instance) ?? 0) + weight;
      sum += weight;
      credits.set(instance, credit);
      if (credit > most) {
        most = credit;
        richest = index;
      }
    }
    credits.set(candidates[richest] as Instance, most - sum);
    return [...candidates.slice(richest), ...candidates.slice(0, richest)];
  };
};
