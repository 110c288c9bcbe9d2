import { asyncScheduler } from 'rxjs';
import type { TaskSettings } from '../config/settings.js';
import type { Log } from '../streams/log.js';
import { OwnTasks } from '../streams/ownTasks.js';
import type { TaskStore } from '../streams/taskStore.js';

/** Where tasks are kept, and those that the gateway runs itself. */
export interface TaskKeeping {
  readonly store: TaskStore;
  readonly own: OwnTasks;
}

/** The tasks that the gateway itself runs; they live as long as this process does. */
export const taskKeeping = (
  store: TaskStore,
  { maxRunning, pollMs }: TaskSettings,
  log: Log,
): TaskKeeping => ({
  store,
  own: new OwnTasks({ store, log, pollMs, maxRunning, scheduler: asyncScheduler }),
});
