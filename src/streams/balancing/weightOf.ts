import type { Instance } from '../serverState.js';

/** An instance's share of the calls in relation to the others'; 1 where nothing is said. */
export const weightOf = ({ standing }: Instance): number => standing?.weight ?? 1;
