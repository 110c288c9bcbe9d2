import {
  asyncScheduler,
  catchError,
  defer,
  distinctUntilChanged,
  EMPTY,
  expand,
  of,
  switchMap,
  takeWhile,
  throwError,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { fromUnknown } from '../protocol/errors.js';
import { isEnded, type Task } from '../protocol/tasks.js';

/** Pause between two questions unless the task names one, and the bounds of what it may name, in milliseconds. */
const pollMs = 1000;
const shortestPollMs = 250;
const longestPollMs = 30_000;

/**
 * A task that lives elsewhere, each time it has changed, up to its end: asked for again and again, as its client would.
 *
 * ```
 * asked        --w---w---w---i---c
 * followTask   --w-----------i---(c|)
 * ```
 *
 * A question that fails is asked again, but for the first, and but for a task that is no more (`ERR_TASK_UNKNOWN`).
 *
 * @param ask gives the task as it stands
 */
export const followTask = (
  ask: () => Observable<Task>,
  scheduler: SchedulerLike = asyncScheduler,
): Observable<Task> => {
  const again = (task: Task): Observable<Task> =>
    isEnded(task.status)
      ? EMPTY
      : timer(pauseAfter(task), scheduler).pipe(
          switchMap(() =>
            ask().pipe(
              catchError((error: unknown) =>
                fromUnknown(error).code === 'ERR_TASK_UNKNOWN' ? throwError(() => error) : of(task),
              ),
            ),
          ),
        );
  return defer(ask).pipe(
    expand(again),
    distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
    takeWhile(({ status }) => !isEnded(status), true),
  );
};

const pauseAfter = ({ pollIntervalMs = pollMs }: Task): number =>
  Math.min(Math.max(pollIntervalMs, shortestPollMs), longestPollMs);
