import { asyncScheduler, filter, interval, NEVER, Subject, type SchedulerLike } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { isEnded } from '../protocol/tasks.js';
import type { TaskRecord, TaskStore } from '../streams/taskStore.js';

export interface MemoryTasksOptions {
  /** How many are kept at once; one more is refused. */
  readonly max: number;
  /** How much their values may take together, in bytes of JSON; a value beyond it is refused. */
  readonly maxBytes: number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

interface Entry {
  record: TaskRecord;
  bytes: number;
}

/** How often expired tasks are looked for, in milliseconds. */
const sweepMs = 10_000;

/** Tasks in this process. Every answer is at hand; expiry is exact on `get` and swept in between. */
export const memoryTasks = ({ max, maxBytes, scheduler = asyncScheduler }: MemoryTasksOptions): TaskStore => {
  const entries = new Map<string, Entry>();
  const changes = new Subject<TaskRecord>();
  let total = 0;

  const drop = (id: string): void => {
    total -= entries.get(id)?.bytes ?? 0;
    entries.delete(id);
  };
  const sweep = interval(sweepMs, scheduler).subscribe(() => {
    const now = scheduler.now();
    for (const [id, { record }] of entries) if (record.expiresAt <= now) drop(id);
  });

  return {
    self: '',
    get(id) {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      if (entry.record.expiresAt > scheduler.now()) return entry.record;
      drop(id);
      return undefined;
    },
    put(record) {
      const bytes = Buffer.byteLength(JSON.stringify(record.task));
      const known = entries.get(record.id);
      if (known !== undefined && isEnded(known.record.task.status)) return;
      if ((known === undefined && entries.size >= max) || total - (known?.bytes ?? 0) + bytes > maxBytes)
        throw refusal(
          'ERR_TASKS_EXHAUSTED',
          'Too many tasks are kept: fetch or cancel some, or wait for them',
        );
      total += bytes - (known?.bytes ?? 0);
      entries.set(record.id, { record, bytes });
      changes.next(record);
    },
    list(listedFor) {
      const now = scheduler.now();
      return [...entries.values()].flatMap(({ record }) =>
        record.listedFor === listedFor && record.expiresAt > now ? [record] : [],
      );
    },
    watch: (id) => changes.pipe(filter((record) => record.id === id)),
    // There is nobody else.
    send: () => undefined,
    orders$: NEVER,
    close() {
      sweep.unsubscribe();
      entries.clear();
      changes.complete();
    },
  };
};
