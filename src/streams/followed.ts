import { isObservable, mergeMap } from 'rxjs';
import { prompted } from './prompted.js';
import type { Prompt } from './sessions.js';

/** What follows from a value, at once where the value is there at once. */
export const followed = <T, R>(value: Prompt<T>, next: (value: T) => Prompt<R>): Prompt<R> =>
  isObservable(value) ? value.pipe(mergeMap((known) => prompted(next(known)))) : next(value);
