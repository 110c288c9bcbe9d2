import { randomBytes } from 'node:crypto';
import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  from,
  ignoreElements,
  isObservable,
  map,
  merge,
  mergeMap,
  of,
  startWith,
  take,
  takeWhile,
  tap,
  type Observable,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { Params } from '../protocol/jsonrpc.js';
import { isEnded, type Task } from '../protocol/tasks.js';
import type { Log } from './log.js';
import { withRelatedTask } from './relatedTask.js';
import { isFinal, type Answer, type Reply } from './reply.js';
import { outcomeOf, RunningTask, type TaskProgress } from './runningTask.js';
import type { Prompt } from './sessions.js';
import type { TaskOrder, TaskRecord, TaskStore } from './taskStore.js';

export interface OwnTasksOptions {
  readonly store: TaskStore;
  readonly log: Log;
  /** How often a client should ask, in milliseconds. */
  readonly pollMs: number;
  /** How many may run at once; one more is refused. */
  readonly maxRunning: number;
  readonly scheduler: SchedulerLike;
}

/** What a new task is made of. */
export interface NewTask extends Pick<TaskRecord, 'principalId' | 'listedFor' | 'namespace'> {
  /** How long it is kept, in milliseconds; it is cancelled if it still runs then. */
  readonly ttlMs: number;
  /** The call; subscribed once. */
  readonly replies$: Observable<Reply>;
}

/**
 * The tasks that the gateway itself offers: calls it goes on with while their client does something else.
 *
 * Their state is in the store, for any instance to tell; the call itself, and what it asks, belongs to this process.
 */
export class OwnTasks {
  readonly #options: OwnTasksOptions;
  readonly #running = new Map<string, RunningTask>();

  readonly #orders: Subscription;

  constructor(options: OwnTasksOptions) {
    this.#options = options;
    this.#orders = options.store.orders$.subscribe((order) => this.#obey(order));
  }

  /** How many run in this process. */
  get running(): number {
    return this.#running.size;
  }

  /** Begins a task; emits it once it is stored, for it must be there when its client asks (SEP-2663). */
  start({ ttlMs, replies$, ...owner }: NewTask): Observable<Task> {
    return defer(() => {
      const { maxRunning, pollMs, scheduler } = this.#options;
      if (this.#running.size >= maxRunning)
        throw refusal('ERR_TASKS_EXHAUSTED', `There are ${maxRunning} tasks running already`);
      const now = new Date(scheduler.now()).toISOString();
      const id = `task-${randomBytes(24).toString('base64url')}`;
      const task: Task = {
        taskId: id,
        status: 'working',
        createdAt: now,
        lastUpdatedAt: now,
        ttlMs,
        pollIntervalMs: pollMs,
      };
      const holder = this.#options.store.self;
      const record: TaskRecord = { ...owner, id, task, holder, expiresAt: scheduler.now() + ttlMs };
      return concat(
        settled(this.#options.store.put(record)),
        defer(() => {
          this.#run(record, replies$);
          return of(task);
        }),
      );
    });
  }

  /** Whether an id is of the kind that is made here. */
  isOwn(id: string): boolean {
    return id.startsWith('task-');
  }

  /** The task of that id. Errors with `ERR_TASK_UNKNOWN`, also when it is somebody else's. */
  get(id: string, principalId: string): Observable<TaskRecord> {
    return defer(() => {
      const found = this.#options.store.get(id);
      return isObservable(found) ? found : of(found);
    }).pipe(
      map((record) => {
        if (record?.principalId !== principalId) throw unknownTask();
        return record;
      }),
    );
  }

  /** Hands the client's answers to the call. Errors like `get`. */
  update(id: string, principalId: string, responses: Params): Observable<TaskRecord> {
    return this.get(id, principalId).pipe(mergeMap((record) => this.#order(record, { id, responses })));
  }

  /** Cancels the call; a task that has ended stays as it is. Emits the task as it was. Errors like `get`. */
  cancel(id: string, principalId: string): Observable<TaskRecord> {
    return this.get(id, principalId).pipe(
      mergeMap((record) => this.#order(record, { id, responses: undefined })),
    );
  }

  /**
   * Waits for the end of a task, and asks its client meanwhile what the call wants to know (`tasks/result`, 2025-11-25).
   *
   * ```
   * task      --a........(answered)---c|
   * follow    --a---------------------r|
   * ```
   */
  follow(id: string, principalId: string): Observable<Reply> {
    return this.get(id, principalId).pipe(
      concatMap((record) => {
        const running = this.#running.get(id);
        if (running === undefined) return this.#followElsewhere(record);
        const outcome$ = this.watch(id).pipe(
          filter(({ task }) => isEnded(task.status)),
          take(1),
          map(({ task }) => outcomeOf(task)),
        );
        return merge(this.#asksOf(running, id), outcome$).pipe(takeWhile((reply) => !isFinal(reply), true));
      }),
    );
  }

  /** New values of one task. */
  watch(id: string): Observable<TaskRecord> {
    return this.#options.store.watch(id);
  }

  /** Cancels all that runs. */
  close(): void {
    this.#orders.unsubscribe();
    for (const running of [...this.#running.values()]) running.cancel();
  }

  #obey({ id, responses }: TaskOrder): void {
    const running = this.#running.get(id);
    if (responses === undefined) running?.cancel();
    else running?.answer(responses);
  }

  /** Has something done by whoever runs the task; emits the task as it was. */
  #order(record: TaskRecord, order: TaskOrder): Observable<TaskRecord> {
    const { store } = this.#options;
    const { holder, task } = record;
    if (holder === undefined || holder === store.self) this.#obey(order);
    else if (!isEnded(task.status))
      return concat(
        defer(() => settled(store.send(holder, order))),
        of(record),
      );
    return of(record);
  }

  /** The end of a task that another instance runs, and before that what it asks: its state says so. */
  #followElsewhere(record: TaskRecord): Observable<Reply> {
    const { id } = record;
    const told = new Set<string>();
    const states$ = isEnded(record.task.status) ? EMPTY : this.watch(id);
    const replies = (now: TaskRecord): Reply[] => {
      if (isEnded(now.task.status)) return [outcomeOf(now.task)];
      return Object.entries(now.task.inputRequests ?? {}).flatMap(([key, { method, params }]) => {
        if (told.has(key)) return [];
        told.add(key);
        const answer = (given: Answer): void => {
          // Without a result, or lost on the way, the question stands in the task's state still.
          if (!('result' in given)) return;
          this.#order(now, { id, responses: { [key]: given.result } })
            .pipe(catchError(() => EMPTY))
            .subscribe();
        };
        return [{ kind: 'ask', method, params: withRelatedTask(params, id), answer }];
      });
    };
    return states$.pipe(
      startWith(record),
      mergeMap(replies),
      takeWhile((reply) => !isFinal(reply), true),
    );
  }

  #asksOf(running: RunningTask, id: string): Observable<Reply> {
    const told = new Set<string>();
    return running.changes$.pipe(
      startWith(undefined),
      mergeMap(() => from([...running.asks])),
      filter(([key]) => !told.has(key)),
      tap(([key]) => told.add(key)),
      map(([, ask]) => ({ ...ask, params: withRelatedTask(ask.params, id) })),
    );
  }

  #run(record: TaskRecord, replies$: Observable<Reply>): void {
    const { store, log, scheduler } = this.#options;
    const running = new RunningTask();
    this.#running.set(record.id, running);
    const expiry: Subscription = scheduler.schedule(() => running.cancel(), record.task.ttlMs ?? 0);
    // One after the other: a store that takes time must not end with the older value.
    running.changes$
      .pipe(
        map((progress) => changed(record, progress, scheduler.now())),
        concatMap((next) =>
          defer(() => settled(store.put(next))).pipe(
            catchError((error: unknown) => {
              log.error({ event: 'task_not_stored', err: error }, 'The state of a task could not be stored');
              return isEnded(next.task.status) ? settled(store.put(unkept(next))) : EMPTY;
            }),
          ),
        ),
      )
      .subscribe({
        error: (error: unknown) =>
          log.error({ event: 'task_not_stored', err: error }, 'The end of a task could not be stored'),
      })
      .add(() => {
        expiry.unsubscribe();
        this.#running.delete(record.id);
      });
    running.start(replies$);
  }
}

const settled = (done: Prompt<void>): Observable<never> =>
  isObservable(done) ? done.pipe(ignoreElements()) : EMPTY;

const changed = (record: TaskRecord, progress: TaskProgress, now: number): TaskRecord => ({
  ...record,
  task: {
    ...withoutProgress(record.task),
    ...progress,
    lastUpdatedAt: new Date(now).toISOString(),
  },
});

/** A result that the store had no room for: its client learns that, rather than wait for ever. */
const unkept = (record: TaskRecord): TaskRecord => {
  const error = refusal('ERR_TASKS_EXHAUSTED', 'The result was too large to be kept').toJsonRpc();
  const { result: _result, ...task } = record.task;
  return { ...record, task: { ...task, status: 'failed', statusMessage: error.message, error } };
};

const withoutProgress = ({ taskId, createdAt, ttlMs, pollIntervalMs, ...rest }: Task) => ({
  taskId,
  createdAt,
  ttlMs,
  ...(pollIntervalMs === undefined ? undefined : { pollIntervalMs }),
  status: rest.status,
  lastUpdatedAt: rest.lastUpdatedAt,
});

const unknownTask = () => refusal('ERR_TASK_UNKNOWN', 'There is no such task, or it has expired');
