import {
  asyncScheduler,
  catchError,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  filter,
  forkJoin,
  interval,
  isObservable,
  map,
  merge,
  mergeMap,
  of,
  startWith,
  Subject,
  takeWhile,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { refusal } from '../../protocol/errors.js';
import { isEnded } from '../../protocol/tasks.js';
import type { TaskRecord, TaskStore } from '../../streams/taskStore.js';
import { lostTask } from '../lostTask.js';
import type { Instances } from './hazelcastInstances.js';
import type { HazelcastLink } from './hazelcastLink.js';
import { taskOrders } from './taskOrders.js';

export interface HazelcastTasksOptions {
  readonly link: HazelcastLink;
  readonly instances: Pick<Instances, 'self' | 'find'>;
  /** How many are kept in the whole cluster; instances that begin some at the same moment may exceed it by as many. */
  readonly max: number;
  /** How much the values that this instance keeps may take together, in bytes of JSON; a value beyond it is refused. */
  readonly maxBytes: number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

/** The name of the map on the members. */
const name = 'sluice.tasks';
/** How often a task that another instance runs is looked at for whoever waits for it, in milliseconds. */
const watchMs = 1000;

/**
 * Tasks in a Hazelcast cluster: any instance tells how they stand, the one that runs a task changes it.
 *
 * > An instance's lease is that of all its tasks: one whose instance has not been heard of for ten seconds has failed, and stays so even if
 * > that instance comes back.
 */
export const hazelcastTasks = ({
  link,
  instances,
  max,
  maxBytes,
  scheduler = asyncScheduler,
}: HazelcastTasksOptions): TaskStore => {
  const { self } = instances;
  const orders = taskOrders(link, self);
  const put = new Subject<TaskRecord>();
  /** What this instance keeps there. */
  const own = new Map<string, { readonly bytes: number; readonly expiresAt: number }>();

  /** The record as it stands today: of an instance that is gone nothing more will come. */
  const today = (record: TaskRecord): Observable<TaskRecord> => {
    const { holder, task } = record;
    if (holder === undefined || holder === self || isEnded(task.status)) return of(record);
    const home = instances.find(holder);
    return (isObservable(home) ? home : of(home)).pipe(
      mergeMap((found) => (found === undefined ? fail(record) : of(record))),
    );
  };
  const fail = (record: TaskRecord): Observable<TaskRecord> => {
    const failed = lostTask(record, scheduler.now());
    return link
      .use(name, async (tasks) => {
        // Whoever was quicker, and be it the lost instance with its last words, is right.
        if (await tasks.replaceIfSame(record.id, record, failed))
          await tasks.setTtl(record.id, keptMs(failed));
        return (await tasks.get(record.id)) as TaskRecord | null;
      })
      .pipe(map((stored) => stored ?? failed));
  };
  const read = (id: string): Observable<TaskRecord | undefined> =>
    link
      .use(name, (tasks) => tasks.get(id))
      .pipe(
        mergeMap((found) => (found === null ? of(undefined) : today(found as TaskRecord).pipe(map(whole)))),
      );
  const keptMs = ({ expiresAt }: TaskRecord): number =>
    // Members count in whole seconds.
    Math.max(Math.ceil((expiresAt - scheduler.now()) / 1000) * 1000, 1000);
  /** Makes room for a value of this instance. */
  const account = (record: TaskRecord): void => {
    const now = scheduler.now();
    let total = Buffer.byteLength(JSON.stringify(record.task));
    const entry = { bytes: total, expiresAt: record.expiresAt };
    for (const [id, { bytes, expiresAt }] of own)
      if (expiresAt <= now) own.delete(id);
      else if (id !== record.id) total += bytes;
    if (total > maxBytes) throw full();
    own.set(record.id, entry);
  };

  return {
    self,
    get: (id) =>
      read(id).pipe(
        map((record) => (record === undefined || record.expiresAt <= scheduler.now() ? undefined : record)),
      ),
    put(record) {
      const isNew = !own.has(record.id);
      account(record);
      return link
        .use(name, async (tasks) => {
          const before = (await tasks.get(record.id)) as TaskRecord | null;
          if (before !== null && isEnded(before.task.status)) return;
          if (isNew && before === null && (await tasks.size()) >= max) {
            own.delete(record.id);
            throw full();
          }
          await tasks.set(record.id, record, keptMs(record));
        })
        .pipe(map(() => put.next(record)));
    },
    list: (listedFor) =>
      link
        .use(name, async (tasks) => {
          const { Predicates } = await import('hazelcast-client');
          return (await tasks.valuesWithPredicate(Predicates.equal('listedFor', listedFor))).toArray();
        })
        .pipe(
          mergeMap((found) => (found.length === 0 ? of([]) : forkJoin((found as TaskRecord[]).map(today)))),
          map((records) =>
            records
              .map(whole)
              .filter(({ expiresAt }) => expiresAt > scheduler.now())
              .sort(byAge),
          ),
        ),
    watch(id) {
      const here$ = put.pipe(filter((record) => record.id === id));
      if (own.has(id)) return here$;
      const elsewhere$ = interval(watchMs, scheduler).pipe(
        startWith(0),
        exhaustMap(() => read(id).pipe(catchError(() => EMPTY))), // away: asked again
        takeWhile((record) => record !== undefined),
        distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
      );
      return merge(here$, elsewhere$);
    },
    send: (holder, order) => orders.send(holder, order),
    orders$: orders.orders$,
    close: () => put.complete(),
  };
};

/** JSON leaves out what is undefined; a record has its keys all the same. */
const whole = (record: TaskRecord): TaskRecord => ({
  ...record,
  namespace: record.namespace,
  holder: record.holder,
});

const byAge = (a: TaskRecord, b: TaskRecord): number =>
  a.task.createdAt === b.task.createdAt
    ? a.id < b.id
      ? -1
      : 1
    : a.task.createdAt < b.task.createdAt
      ? -1
      : 1;

const full = () =>
  refusal('ERR_TASKS_EXHAUSTED', 'Too many tasks are kept: fetch or cancel some, or wait for them');
