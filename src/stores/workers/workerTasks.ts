import { catchError, EMPTY, filter, map, merge, Subject, switchMap } from 'rxjs';
import type { TaskRecord, TaskStore } from '../../streams/taskStore.js';
import type { BookLink } from './bookLink.js';

/** The tasks of all workers, as one of them sees them: they are in the book (see {@link WorkerBook}). @param self id of this worker */
export const workerTasks = (link: BookLink, self: string): TaskStore => {
  const put = new Subject<TaskRecord>();
  const get = (id: string) => link.ask({ ask: 'task', id }).pipe(map(({ task }) => task));
  return {
    self,
    get,
    put: (record) => link.ask({ ask: 'putTask', record }).pipe(map(() => put.next(record))),
    list: (listedFor) => link.ask({ ask: 'tasks', listedFor }).pipe(map(({ tasks = [] }) => tasks)),
    watch: (id) =>
      merge(
        put.pipe(filter((record) => record.id === id)),
        link.news$.pipe(
          // With a worker that has gone its tasks have failed.
          filter((news) => ('taskChanged' in news ? news.taskChanged === id : 'instances' in news)),
          // What could not be told now is told with the next change, or to whoever asks.
          switchMap(() => get(id).pipe(catchError(() => EMPTY))),
          filter((record) => record !== undefined),
        ),
      ),
    send: (holder, order) => link.ask({ ask: 'order', holder, order }).pipe(map(() => undefined)),
    orders$: link.news$.pipe(
      filter((news) => 'order' in news),
      map(({ order }) => order),
    ),
    close: () => put.complete(),
  };
};
