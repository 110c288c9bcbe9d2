import { catchError, throwError, type MonoTypeOperatorFunction } from 'rxjs';
import { fromUnknown } from '../protocol/errors.js';

/** Errors with the stable code alone, so that marbles can name it: `toBe('--#', values, 'ERR_FORBIDDEN')`. */
export const byCode = <T>(): MonoTypeOperatorFunction<T> =>
  catchError((error: unknown) => throwError(() => fromUnknown(error).code));
