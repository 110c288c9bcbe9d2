import { from, isObservable, mergeMap, toArray } from 'rxjs';
import { prompted } from './prompted.js';
import type { Prompt } from './sessions.js';

/**
 * Several values as one list, at once where all of them are there at once.
 *
 * @param atOnce most that are waited for at a time; then their order is that in which they came
 */
export const allKnown = <T>(values: readonly Prompt<T>[], atOnce: number): Prompt<readonly T[]> =>
  values.some((value) => isObservable(value))
    ? from(values).pipe(
        mergeMap((value) => prompted(value), atOnce),
        toArray(),
      )
    : (values as readonly T[]);
