import { catchError, throwError, type MonoTypeOperatorFunction } from 'rxjs';
import { GatewayError, refusal } from '../../../protocol/errors.js';
import { EraContradicted } from './eraContradicted.js';

/** For what has to be done before a call can be sent (a session opened, the era found out): its failure is told as one by which the call has not begun. */
export const beforeCall = <T>(): MonoTypeOperatorFunction<T> =>
  catchError((error: unknown) => throwError(() => notBegun(error)));

const notBegun = (error: unknown): unknown => {
  // The latter is for the backend itself to judge.
  if (!(error instanceof GatewayError) || error.notBegun || error instanceof EraContradicted) return error;
  const { code, message, data, outcome, cause } = error;
  return refusal(code, message, { data, outcome, cause, notBegun: true });
};
