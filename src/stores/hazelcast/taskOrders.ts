import { randomBytes } from 'node:crypto';
import { catchError, EMPTY, filter, from, map, merge, mergeMap, type Observable } from 'rxjs';
import type { TaskOrder } from '../../streams/taskStore.js';
import type { HazelcastLink } from './hazelcastLink.js';

/** Orders between the instances on a cluster. */
export interface TaskOrders {
  /** Leaves an order for another instance. */
  send(holder: string, order: TaskOrder): Observable<void>;
  /** What is left for this one, each once. Cold: takes it off the cluster while somebody listens. */
  readonly orders$: Observable<TaskOrder>;
}

/** The name of the map on the members. */
const name = 'sluice.task-orders';
/** What nobody has fetched after so many milliseconds is forgotten. */
const ttlMs = 60_000;

/** A map as a letter box: who runs the task takes out what is addressed to it. */
export const taskOrders = (link: HazelcastLink, self: string): TaskOrders => {
  const isOurs = (key: string): boolean => key.startsWith(`${self} `);
  const taken = (key: string): Observable<TaskOrder> =>
    link
      .use(name, (orders) => orders.remove(key))
      .pipe(
        filter((order) => order !== null && typeof order === 'object'),
        map((order) => order as unknown as TaskOrder),
        catchError(() => EMPTY), // away: what is left there is fetched when it is back
      );
  const left = (): Observable<string> =>
    link
      .use(name, (orders) => orders.keySet())
      .pipe(
        mergeMap((keys) => from(keys)),
        catchError(() => EMPTY), // away again: coming back asks again
      );
  return {
    send: (holder, order) =>
      link.use(name, (orders) =>
        orders.set(`${holder} ${randomBytes(9).toString('base64url')}`, order, ttlMs),
      ),
    orders$: merge(
      link.back$.pipe(mergeMap(left)),
      link.changes(name).pipe(
        filter(({ kind }) => kind === 'added'),
        map(({ key }) => key),
      ),
    ).pipe(filter(isOurs), mergeMap(taken)),
  };
};
