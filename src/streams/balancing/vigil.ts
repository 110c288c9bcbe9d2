import {
  asyncScheduler,
  EMPTY,
  ignoreElements,
  merge,
  Observable,
  skip,
  tap,
  type SchedulerLike,
} from 'rxjs';
import type { HealthCheckSettings } from '../../config/balancingSettings.js';
import type { Log } from '../log.js';
import type { Instance } from '../serverState.js';
import { healthPings } from './healthPings.js';
import type { StandingView } from './standing.js';

export interface VigilOptions {
  /** Its name, for the log. */
  readonly server: string;
  /** Undefined for no pings. */
  readonly healthCheck: HealthCheckSettings | undefined;
  readonly log: Log;
  readonly scheduler?: SchedulerLike;
}

/**
 * Watches over an instance while it is in service: pings it where the configuration wants it, puts what that shows into its standing,
 * and logs what happens to it. Never emits; unsubscribing ends its standing.
 */
export const vigil = (
  { id, standing, probe }: Instance,
  { server, healthCheck, log, scheduler = asyncScheduler }: VigilOptions,
): Observable<never> => {
  if (standing === undefined) return EMPTY;
  const pings =
    healthCheck === undefined || probe === undefined
      ? EMPTY
      : healthPings(probe, { ...healthCheck, scheduler }).pipe(tap((report) => standing.report(report)));
  const told = standing.changes$.pipe(
    skip(1), // how it is born
    tap((view) => tell(log, server, id, view)),
  );
  return new Observable((subscriber) => {
    subscriber.add(() => standing.end());
    return merge(told, pings).pipe(ignoreElements()).subscribe(subscriber);
  });
};

const tell = (log: Log, server: string, instance: string, { breaker, health }: StandingView): void => {
  const fields = { event: 'instance_state', server, instance, breaker, health: health.status };
  if (breaker === 'open' || health.status === 'unhealthy') log.warn(fields, 'An instance is tried last');
  else log.info(fields, 'An instance has changed its state');
};
