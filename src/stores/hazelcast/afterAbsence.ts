import { asyncScheduler, defer, retry, switchMap, timer, type Observable, type SchedulerLike } from 'rxjs';
import type { HazelcastLink } from './hazelcastLink.js';

/** Pause after an attempt that failed, in milliseconds. */
const pauseMs = 1000;

/**
 * Catches up with what happened while the cluster was away: each time it is back, and again after a moment where that failed. A cluster
 * that has only just come together may well be there and answer with an error.
 *
 * @param catchUp asks the cluster; errors where it does not answer
 */
export const afterAbsence = (
  { back$ }: Pick<HazelcastLink, 'back$'>,
  catchUp: () => Observable<unknown>,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<unknown> =>
  back$.pipe(switchMap(() => defer(catchUp).pipe(retry({ delay: () => timer(pauseMs, scheduler) }))));
