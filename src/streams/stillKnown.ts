import {
  asyncScheduler,
  catchError,
  defer,
  EMPTY,
  ignoreElements,
  isObservable,
  NEVER,
  of,
  repeat,
  switchMap,
  tap,
  throwError,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { limits } from '../config/limits.js';
import { fromUnknown, refusal } from '../protocol/errors.js';
import type { Principal } from './exchange.js';
import type { Caller, Identify } from './identify.js';

/**
 * Watches whether whoever opened something that lasts would still be let in: looks again every few seconds, and when the credential ends.
 *
 * ```
 * stillKnown   ----------------#     the token has expired, the key was revoked
 * ```
 *
 * While those who vouch for callers do not answer, nobody is thrown out whose credential has not ended.
 *
 * @returns errors with the refusal, never emits, never completes
 */
export const stillKnown = (
  identify: Identify,
  caller: Caller,
  principal: Principal,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<never> => {
  if (principal.method === 'none') return NEVER;
  const { expiresAt = Infinity } = principal;
  const again = (): Observable<Principal> => {
    const found = identify(caller);
    return isObservable(found) ? found : of(found);
  };
  return defer(() =>
    timer(Math.min(limits.identityAgainMs, Math.max(0, expiresAt - scheduler.now())), scheduler),
  ).pipe(
    switchMap(() => {
      if (expiresAt <= scheduler.now()) return throwError(() => ended());
      return again();
    }),
    tap(({ id }) => {
      if (id !== principal.id) throw ended();
    }),
    catchError((error: unknown) => {
      const known = fromUnknown(error);
      return known.code === 'ERR_IDENTITY_UNAVAILABLE' ? EMPTY : throwError(() => known);
    }),
    ignoreElements(),
    repeat(),
  );
};

const ended = () => refusal('ERR_CREDENTIAL_INVALID', 'The credential has expired');
