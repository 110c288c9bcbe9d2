import type { Strategy } from './strategy.js';

/** Turning by one with each call. */
export const roundRobin = (): Strategy => {
  let turn = 0;
  return (candidates) => {
    const first = turn % candidates.length;
    turn = first + 1;
    return first === 0 ? candidates : [...candidates.slice(first), ...candidates.slice(0, first)];
  };
};
