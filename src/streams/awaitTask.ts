import { asyncScheduler, concat, EMPTY, of, repeat, retry, takeWhile, throwError, timer } from 'rxjs';
import { Observable, switchMap, timeout, type SchedulerLike } from 'rxjs';
import { fromUnknown, refusal } from '../protocol/errors.js';
import { soundTask } from '../protocol/soundTask.js';
import { isEnded, type Task, type TaskMethod } from '../protocol/tasks.js';
import type { Params } from '../protocol/jsonrpc.js';
import type { Backend, BackendCall } from './backend.js';
import { gatherAnswers } from './gatherAnswers.js';
import { outcomeOf } from './runningTask.js';
import { isFinal, type Reply } from './reply.js';
import { service } from './service.js';

/** Pause between two questions unless the server names one, and the bounds of what it may name, in milliseconds. */
const pollMs = 1000;
const shortestPollMs = 100;
const longestPollMs = 30_000;
/** Questions in a row that may fail before the task is given up. */
const maxFailures = 5;
/** Longest time that the server has to take note of a cancelled task, in milliseconds. */
const tellMs = 1000;

/**
 * Makes a call that becomes a task at its server look like any other: waits for the task and gives its result.
 *
 * ```
 * server      --(task)   --working  --input_required ...   --completed
 * awaitTask   -----------p----------p-ask-(answered)-------r|            p sign of life
 * ```
 *
 * Whoever leaves before the end has the task cancelled. It reads what the server says rather than asks what it speaks: a task
 * that carries its result or its questions is of the extension, one that does not has them fetched by `tasks/result`.
 */
export const awaitTask = (
  backend: Pick<Backend, 'invoke'>,
  call: BackendCall,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<Reply> =>
  backend.invoke(call).pipe(
    service((reply) => {
      if (reply.kind !== 'result' || reply.result['resultType'] !== 'task') return of(reply);
      return followed(backend, call, soundTask(reply.result, call.capabilities), scheduler);
    }),
  );

const followed = (
  backend: Pick<Backend, 'invoke'>,
  call: BackendCall,
  { taskId, pollIntervalMs = pollMs }: Task,
  scheduler: SchedulerLike,
): Observable<Reply> => {
  const waitMs = Math.min(Math.max(pollIntervalMs, shortestPollMs), longestPollMs);
  const ask = (method: TaskMethod, params: Params = {}): Observable<Reply> =>
    backend.invoke(aboutTask(call, method, { taskId, ...params }));
  /** Keys that have been asked for: they are used once in a task's life. */
  const asked = new Set<string>();
  let failures = 0;
  let polls = 0;

  /** One question and what follows from it; without an end there is another. */
  const round$ = timer(waitMs, scheduler).pipe(
    switchMap(() => ask('tasks/get')),
    service((reply): Observable<Reply> => {
      if (reply.kind !== 'result') return reply.kind === 'error' ? of(reply) : EMPTY;
      failures = 0;
      const task = soundTask(reply.result, call.capabilities);
      return concat(of(alive(++polls, task)), judge(task));
    }),
  );
  const again = (error: unknown): Observable<unknown> => {
    if (fromUnknown(error).code === 'ERR_CAPABILITY_REQUIRED') return throwError(() => unaskable(error));
    return ++failures < maxFailures ? of(true) : throwError(() => gone(error));
  };

  const judge = (task: Task): Observable<Reply> => {
    if (task.status === 'input_required')
      return task.inputRequests === undefined ? ask('tasks/result') : answered(task.inputRequests);
    if (!isEnded(task.status)) return EMPTY;
    return task.result !== undefined || task.error !== undefined || task.status === 'cancelled'
      ? of(outcomeOf(task))
      : ask('tasks/result');
  };

  /** Asks for what is new among the requests, and hands all answers to the task. */
  const answered = (requests: NonNullable<Task['inputRequests']>): Observable<Reply> => {
    const fresh = Object.entries(requests).filter(([key]) => !asked.has(key));
    if (fresh.length === 0) return EMPTY;
    for (const [key] of fresh) asked.add(key);
    return gatherAnswers(fresh, (inputResponses) =>
      ask('tasks/update', { inputResponses }).pipe(switchMap(() => EMPTY)),
    );
  };

  return new Observable((subscriber) => {
    let ended = false;
    const following = round$
      .pipe(
        retry({ delay: again }),
        repeat(),
        takeWhile((reply) => !isFinal(reply), true),
      )
      .subscribe({
        next: (reply) => {
          ended ||= isFinal(reply);
          subscriber.next(reply);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
    return () => {
      following.unsubscribe();
      if (!ended) tell(ask('tasks/cancel'));
    };
  });
};

/** A request about a task of this call, on behalf of the same caller. */
const aboutTask = (call: BackendCall, method: TaskMethod, params: Params): BackendCall => {
  const { tool: _tool, ...rest } = call;
  return { ...rest, method, params, tasks: 'take', repeatable: true };
};

const alive = (count: number, { statusMessage }: Task): Reply => ({
  kind: 'notification',
  method: 'notifications/progress',
  params: { progress: count, ...(statusMessage === undefined ? undefined : { message: statusMessage }) },
});

const unaskable = (cause: unknown): Error =>
  refusal('ERR_INPUT_UNSUPPORTED', 'The backend asked for input that this client can not give', { cause });

/** The task goes on without anybody to tell of it: nothing may be repeated. */
const gone = (error: unknown): Error => {
  const cause = fromUnknown(error);
  return cause.code === 'ERR_UPSTREAM_TIMEOUT'
    ? cause
    : refusal('ERR_UPSTREAM_FAILED', 'The backend no longer tells of the task that the call has become', {
        cause: error,
      });
};

/** Sends what nobody waits for. */
const tell = (replies$: Observable<Reply>): void => {
  replies$.pipe(timeout(tellMs)).subscribe({
    // The task ends in its own time then.
    error: () => undefined,
  });
};
