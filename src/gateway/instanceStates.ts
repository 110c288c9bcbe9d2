import { map, of, type Observable } from 'rxjs';
import type { BreakerState } from '../streams/balancing/breaker.js';
import type { HealthReport } from '../streams/balancing/healthReport.js';
import type { Catalog } from '../streams/catalog.js';
import type { Latest } from '../streams/latest.js';
import type { Instance, Instances } from '../streams/serverState.js';
import { whileListed } from '../streams/whileListed.js';

/** How one instance stands, at the moment it is told. */
export interface InstanceState {
  readonly server: string;
  /** Its id, as in `/healthz`, metrics and the log. */
  readonly instance: string;
  /** False for the last word on an instance: the server has it no more. */
  readonly present: boolean;
  /** What pings show; `unknown` before the first, or where none are sent. */
  readonly health: HealthReport['status'];
  /** `closed` where there is none. */
  readonly breaker: BreakerState;
  /** Time to the first reply of a call, smoothed, in milliseconds; undefined before there was one. */
  readonly latencyMs: number | undefined;
  /** Calls that failed in a row. */
  readonly failures: number;
  /** How long the last answered ping took, in milliseconds. */
  readonly pingMs: number | undefined;
  /** Pings missed in a row. */
  readonly missedPings: number;
}

/**
 * The states of all instances: each one's to whoever subscribes, and again whenever its breaker or its health changes, or it comes or goes.
 *
 * ```
 * breaker of a  closed  open      half-open closed
 * b             comes                              goes
 * states        ab------a---------a---------a------b
 * ```
 *
 * Told at once and to each subscriber by itself; nothing is kept for one. Latencies and counts change with each call and are told with the
 * next change of the two. Servers with one instance of which the configuration says nothing have no breaker and no pings: theirs come and
 * go. Never completes or errors.
 */
export const instanceStates = (catalog: Latest<Catalog>): Observable<InstanceState> =>
  catalog.changes$.pipe(
    map(({ servers }) => servers.map(({ instances }) => instances)),
    whileListed(statesOf, ({ server, current }) => current.map((instance) => state(server, instance, false))),
  );

const statesOf = ({ server, changes$ }: Instances): Observable<InstanceState> =>
  changes$.pipe(
    whileListed(
      (instance): Observable<InstanceState> =>
        (instance.standing?.changes$ ?? once$).pipe(map(() => state(server, instance, true))),
      (instance) => [state(server, instance, false)],
    ),
  );

const once$: Observable<unknown> = of(undefined);

const state = (server: string, { id, standing }: Instance, present: boolean): InstanceState => {
  const view = standing?.view;
  return {
    server,
    instance: id,
    present,
    health: view?.health.status ?? 'unknown',
    breaker: view?.breaker ?? 'closed',
    latencyMs: view?.latencyMs,
    failures: view?.failures ?? 0,
    pingMs: view?.health.latencyMs,
    missedPings: view?.health.failures ?? 0,
  };
};
