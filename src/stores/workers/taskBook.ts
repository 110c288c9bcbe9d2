import { asyncScheduler, type SchedulerLike } from 'rxjs';
import { isEnded } from '../../protocol/tasks.js';
import type { TaskRecord, TaskStore } from '../../streams/taskStore.js';
import { lostTask } from '../lostTask.js';
import { memoryTasks, type MemoryTasksOptions } from '../memoryTasks.js';

/**
 * The tasks of all workers: kept by the process that lives as long as any of them.
 *
 * > A task whose worker is gone has failed, for whoever looks at it.
 */
export class TaskBook {
  readonly #tasks: TaskStore;
  readonly #lives: (instance: string) => boolean;
  readonly #scheduler: SchedulerLike;

  /** @param lives whether a worker is there */
  constructor(options: MemoryTasksOptions, lives: (instance: string) => boolean) {
    this.#tasks = memoryTasks(options);
    this.#lives = lives;
    this.#scheduler = options.scheduler ?? asyncScheduler;
  }

  get(id: string): TaskRecord | undefined {
    // Memory has every answer at hand.
    const record = this.#tasks.get(id) as TaskRecord | undefined;
    return record === undefined ? undefined : this.#today(record);
  }

  /** Throws `ERR_TASKS_EXHAUSTED`. */
  put(record: TaskRecord): void {
    this.#tasks.put(record);
  }

  list(listedFor: string): readonly TaskRecord[] {
    return (this.#tasks.list(listedFor) as readonly TaskRecord[]).map((record) => this.#today(record));
  }

  close(): void {
    this.#tasks.close();
  }

  #today(record: TaskRecord): TaskRecord {
    const { holder, task } = record;
    if (holder === undefined || isEnded(task.status) || this.#lives(holder)) return record;
    const failed = lostTask(record, this.#scheduler.now());
    this.#tasks.put(failed);
    return failed;
  }
}
