import { map, type Observable } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { isObject } from '../protocol/jsonrpc.js';
import { isEnded } from '../protocol/tasks.js';
import type { Handler } from '../operators/handle.js';
import type { OwnTasks } from '../streams/ownTasks.js';
import { withRelatedTask } from '../streams/relatedTask.js';
import { result, type Reply } from '../streams/reply.js';
import type { TaskRecord } from '../streams/taskStore.js';

/**
 * `tasks/get`, `tasks/update`, `tasks/cancel` and `tasks/result` for the tasks that the gateway itself runs.
 *
 * The whole task is the answer to each of the first three; how much of it a client sees is its revision's affair.
 */
export const ownTask =
  (tasks: OwnTasks): Handler =>
  (exchange) => {
    const { message, principal, origin } = exchange;
    const { taskId, inputResponses } = message.params ?? {};
    const id = String(taskId);
    switch (message.method) {
      case 'tasks/update':
        return whole(tasks.update(id, principal.id, isObject(inputResponses) ? inputResponses : {}));
      case 'tasks/cancel':
        return whole(
          tasks.cancel(id, principal.id).pipe(
            map((record) => {
              // Cancelling twice is no error in the extension; in 2025-11-25 it is.
              if (isEnded(record.task.status) && origin.revision.tasks === 'requested')
                throw refusal('ERR_TASK_ENDED', `The task is ${record.task.status} already`);
              return { ...record, task: { ...record.task, status: 'cancelled' } };
            }),
          ),
        );
      case 'tasks/result':
        return tasks
          .follow(id, principal.id)
          .pipe(
            map((reply) =>
              reply.kind === 'result' ? { ...reply, result: withRelatedTask(reply.result, id) } : reply,
            ),
          );
      default:
        return whole(tasks.get(id, principal.id));
    }
  };

const whole = (record$: Observable<TaskRecord>): Observable<Reply> =>
  record$.pipe(map(({ task }) => result(task)));
