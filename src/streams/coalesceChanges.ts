import {
  asyncScheduler,
  Observable,
  timer,
  type MonoTypeOperatorFunction,
  type SchedulerLike,
  type Subscription,
} from 'rxjs';
import type { Change } from './change.js';
import type { Valve } from './valve.js';

export interface CoalesceChangesOptions {
  /** Of each list, each task and each resource at most one in so many milliseconds. */
  readonly everyMs: number;
  /** The client's demand: while it is closed, what changes is remembered, each thing once. */
  readonly valve: Valve;
  readonly scheduler?: SchedulerLike;
}

/**
 * Keeps a storm of changes from its listener: the first passes at once, then whatever changes is told once at the end of each
 * pause.
 *
 * ```
 * changes          --a-a-b-a---------a--
 * coalesceChanges  --a-----(ab)------a--     a pause of six
 * ```
 *
 * What is held is one change for each list, each task and each subscribed resource. Several parts of one resource become the
 * resource.
 */
export const coalesceChanges =
  ({
    everyMs,
    valve,
    scheduler = asyncScheduler,
  }: CoalesceChangesOptions): MonoTypeOperatorFunction<Change> =>
  (source) =>
    new Observable((subscriber) => {
      const held = new Map<string, Change>();
      let pause: Subscription | undefined;
      const release = (): void => {
        pause = undefined;
        if (held.size === 0 || !valve.open) return;
        const changes = [...held.values()];
        held.clear();
        rest();
        for (const change of changes) subscriber.next(change);
      };
      const rest = (): void => {
        pause = timer(everyMs, scheduler).subscribe(release);
      };
      const resume = (): void => {
        if (pause === undefined) release();
      };
      const attached = valve.attach({ pause: () => undefined, resume });
      subscriber.add(attached);
      subscriber.add(() => pause?.unsubscribe());
      subscriber.add(
        source.subscribe({
          next(change) {
            const key = keyOf(change);
            held.set(key, joined(held.get(key), change));
            resume();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });

const keyOf = (change: Change): string => {
  if (change.kind === 'list') return change.list;
  return change.kind === 'task' ? `task ${change.task.taskId}` : `resource ${change.subscribed}`;
};

const joined = (before: Change | undefined, change: Change): Change =>
  change.kind === 'resource' && before?.kind === 'resource' && before.uri !== change.uri
    ? { ...change, uri: change.subscribed }
    : change;
