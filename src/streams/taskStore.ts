/** Tasks as the operators see them, over a store: those the gateway runs itself, and what it remembers of those of servers. */
import type { Observable } from 'rxjs';
import type { Task } from '../protocol/tasks.js';
import type { Prompt } from './sessions.js';

/** One task. Immutable: a change is a new value put under the same id. */
export interface TaskRecord {
  /** The id that the client knows. */
  readonly id: string;
  /** Who made it; nobody else may ask for it. */
  readonly principalId: string;
  /** Whose list it is in: the principal, or the one session of somebody who has not said who they are. */
  readonly listedFor: string;
  readonly namespace: string | undefined;
  readonly task: Task;
  /** Epoch milliseconds at which it is forgotten. */
  readonly expiresAt: number;
}

/** Where tasks live. Full, it errors with `ERR_TASKS_EXHAUSTED`. */
export interface TaskStore {
  /** The task of that id, unless it has expired. */
  get(id: string): Prompt<TaskRecord | undefined>;
  /** Stores a new task or a new value of a known one; it is in effect when this has returned or completed. */
  put(record: TaskRecord): Prompt<void>;
  /** All that are listed for somebody, the oldest first. */
  list(listedFor: string): Prompt<readonly TaskRecord[]>;
  /** New tasks, and new values of them. Hot. */
  readonly changes$: Observable<TaskRecord>;
  close(): void;
}
