import { availableParallelism } from 'node:os';

/** How many workers are meant: with `auto` one for each core that this process may use. */
export const workersOf = (written: number | 'auto'): number =>
  written === 'auto' ? availableParallelism() : written;
