import {
  catchError,
  concatMap,
  filter,
  forkJoin,
  isObservable,
  map,
  of,
  timeout,
  type Observable,
  type OperatorFunction,
} from 'rxjs';
import type { Cursors } from '../protocol/cursor.js';
import { asTask, isEnded, toRequestedForm, type Task } from '../protocol/tasks.js';
import type { Handler } from '../operators/handle.js';
import type { Authenticated, Exchange, InSession } from '../streams/exchange.js';
import { result, type Reply } from '../streams/reply.js';
import { answerOf } from '../streams/service.js';
import { listedFor } from '../streams/listedFor.js';
import type { TaskRecord, TaskStore } from '../streams/taskStore.js';

export interface ListTasksOptions {
  readonly store: TaskStore;
  readonly cursors: Cursors;
  /** Asks a server for its task (`tasks/get`); `params.taskId` is the id that the client knows. */
  readonly ask: OperatorFunction<Exchange & Authenticated & InSession, Reply>;
  /** Whether the gateway runs the task of that id itself. */
  readonly isOwn: (id: string) => boolean;
}

/** Tasks of one page: each that runs at a server costs a request there. */
const pageSize = 50;
/** Longest time that servers have to say how their tasks stand, in milliseconds; what was known last is listed then. */
const askMs = 2000;

/**
 * `tasks/list` (2025-11-25): the caller's tasks, the oldest first. A server is not asked for its list, which may hold what other
 * callers of the gateway began; the gateway lists what it has seen begin, and asks how it stands.
 */
export const listTasks = ({ store, cursors, ask, isOwn }: ListTasksOptions): Handler => {
  const answer = answerOf(ask);
  return (exchange) => {
    const { message, principal, origin } = exchange;
    const cursor = message.params?.['cursor'];
    const owner = listedFor(principal, origin.sessionId);
    // A cursor is good for whom it was made: the id in it is one of his tasks.
    const list = `tasks/list ${owner}`;
    const after = typeof cursor === 'string' ? cursors.read(list, cursor) : undefined;

    const today = (record: TaskRecord): Observable<Task> => {
      if (isOwn(record.id) || isEnded(record.task.status)) return of(record.task);
      const asking = { ...message, method: 'tasks/get', params: { taskId: record.id } };
      return answer({ ...exchange, message: asking }).pipe(
        timeout({ first: askMs }),
        filter((reply) => reply.kind === 'result'),
        map((reply) => asTask(reply.result) ?? record.task),
        catchError(() => of(record.task)), // a server that does not tell: what was last known of its task
      );
    };
    const page = (records: readonly TaskRecord[]): Observable<Reply> => {
      const rest =
        after === undefined ? records : records.slice(records.findIndex(({ id }) => id === after) + 1);
      const shown = rest.slice(0, pageSize);
      const last = shown.at(-1);
      const more = rest.length > shown.length && last !== undefined;
      const listed = (tasks: readonly Task[]): Reply =>
        result({
          tasks: tasks.map(toRequestedForm),
          ...(more ? { nextCursor: cursors.write(list, last.id) } : undefined),
        });
      return shown.length === 0 ? of(listed([])) : forkJoin(shown.map(today)).pipe(map(listed));
    };
    const records = store.list(owner);
    return (isObservable(records) ? records : of(records)).pipe(
      concatMap((found) => page(found.filter(({ namespace }) => namespace === origin.namespace))),
    );
  };
};
