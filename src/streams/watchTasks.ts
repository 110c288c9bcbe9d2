import { catchError, concat, concatMap, map, of, takeWhile, type Observable } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { asTask, declaresTasks, isEnded, tasksUndeclared, type Task } from '../protocol/tasks.js';
import { capabilitiesOf } from './capabilitiesOf.js';
import type { Change } from './change.js';
import type { Authenticated, Exchange, InSession } from './exchange.js';
import { followTask } from './followTask.js';
import type { OwnTasks } from './ownTasks.js';
import type { Reply } from './reply.js';
import type { TaskWatch } from './taskWatch.js';

type Entered = Exchange & Authenticated & InSession;

/**
 * Listens to tasks: to the gateway's own as they change, to those of servers by asking, which works with any of them.
 *
 * @param ask sends `tasks/get` to the server of a task
 */
export const watchTasks =
  (own: OwnTasks, ask: (exchange: Entered) => Observable<Reply>): TaskWatch =>
  (exchange, ids) => {
    if (!declaresTasks(capabilitiesOf(exchange))) throw tasksUndeclared();
    return ids.map((id) => {
      const task$ = own.isOwn(id)
        ? ownStates(own, id, exchange.principal.id)
        : followTask(() => ask(about(exchange, id)).pipe(map(stateIn)));
      return { id, events$: task$.pipe(concatMap(toEvents), catchError(refused)) };
    });
  };

const ownStates = (own: OwnTasks, id: string, principalId: string): Observable<Task> =>
  concat(own.get(id, principalId), own.watch(id)).pipe(
    map(({ task }) => task),
    takeWhile(({ status }) => !isEnded(status), true),
  );

const about = (exchange: Entered, taskId: string): Entered => {
  const { message } = exchange;
  const { _meta } = message.params ?? {};
  return { ...exchange, message: { ...message, method: 'tasks/get', params: { taskId, _meta } } };
};

/** What a server says of its task, without what belongs to the response. */
const stateIn = (reply: Reply): Task => {
  const task = reply.kind === 'result' ? asTask(reply.result) : undefined;
  if (reply.kind === 'error' && reply.error.code === -32602)
    throw refusal('ERR_TASK_UNKNOWN', 'There is no such task, or it has expired');
  if (task === undefined)
    throw refusal('ERR_UPSTREAM_FAILED', 'The backend does not say how the task stands');
  const { resultType: _type, _meta, ...state } = task;
  return state;
};

const toEvents = (task: Task, index: number): Observable<boolean | Change> => {
  const change: Change = { kind: 'task', task };
  return index === 0 ? of(true, change) : of(change);
};

/** Who may not ask for a task is refused; what happens later to one that was accepted is told by asking. */
const refused = (): Observable<boolean> => of(false);
