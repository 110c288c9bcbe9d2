import { asyncScheduler, ignoreElements, merge, Observable, skip, tap, type SchedulerLike } from 'rxjs';
import type { CatalogServer } from '../catalog.js';
import type { Log } from '../log.js';
import type { Instance } from '../serverState.js';
import { healthPings } from './healthPings.js';
import type { StandingView } from './standing.js';

/**
 * Watches over the instances of a server while it is in service: pings them where the configuration wants it, puts what that shows
 * into their standings, and logs what happens to them. Never emits; unsubscribing ends the standings.
 */
export const vigil = (
  { settings, instances }: CatalogServer,
  log: Log,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<never> => {
  const healthCheck = settings.type === 'stdio' ? undefined : settings.balancing?.healthCheck;
  const watched = instances.map(({ id, standing, probe }: Instance): Observable<unknown> => {
    if (standing === undefined) return merge();
    const pings =
      healthCheck === undefined || probe === undefined
        ? []
        : healthPings(probe, { ...healthCheck, scheduler }).pipe(tap((report) => standing.report(report)));
    const told = standing.changes$.pipe(
      skip(1), // how it is born
      tap((view) => tell(log, settings.name, id, view)),
    );
    return merge(told, pings);
  });
  return new Observable((subscriber) => {
    subscriber.add(() => {
      for (const { standing } of instances) standing?.end();
    });
    return merge(...watched)
      .pipe(ignoreElements())
      .subscribe(subscriber);
  });
};

const tell = (log: Log, server: string, instance: string, { breaker, health }: StandingView): void => {
  const fields = { event: 'instance_state', server, instance, breaker, health: health.status };
  if (breaker === 'open' || health.status === 'unhealthy') log.warn(fields, 'An instance is tried last');
  else log.info(fields, 'An instance has changed its state');
};
