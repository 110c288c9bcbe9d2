import { asyncScheduler } from 'rxjs';
import { limits } from '../config/limits.js';
import type { TaskSettings } from '../config/settings.js';
import { memoryTasks } from '../stores/memoryTasks.js';
import type { Log } from '../streams/log.js';
import { OwnTasks } from '../streams/ownTasks.js';
import type { TaskStore } from '../streams/taskStore.js';

/** Where tasks are kept, and those that the gateway runs itself. */
export interface TaskKeeping {
  readonly store: TaskStore;
  readonly own: OwnTasks;
}

/** Tasks of this process; they live as long as it does. */
export const taskKeeping = ({ max, maxRunning, pollMs }: TaskSettings, log: Log): TaskKeeping => {
  const store = memoryTasks({ max, maxBytes: limits.maxTaskBytes });
  return { store, own: new OwnTasks({ store, log, pollMs, maxRunning, scheduler: asyncScheduler }) };
};
