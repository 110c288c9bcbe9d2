/** Tasks as the operators see them, over a store: those the gateway runs itself, and what it remembers of those of servers. */
import type { Observable } from 'rxjs';
import type { Params } from '../protocol/jsonrpc.js';
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
  /** The instance that runs its call; undefined for a task of a server. */
  readonly holder: string | undefined;
  /** Epoch milliseconds at which it is forgotten. */
  readonly expiresAt: number;
}

/** Something to be done by the instance that runs a task. */
export interface TaskOrder {
  readonly id: string;
  /** Answers to what it asks, by their keys; undefined for one to be cancelled. */
  readonly responses: Params | undefined;
}

/**
 * Where tasks live. Full, it errors with `ERR_TASKS_EXHAUSTED`.
 *
 * A task whose instance is gone has failed, for whoever looks at it: nobody could ever end it.
 */
export interface TaskStore {
  /** This instance. */
  readonly self: string;
  /** The task of that id, unless it has expired. */
  get(id: string): Prompt<TaskRecord | undefined>;
  /** Stores a new task or a new value of a known one that has not ended; it is in effect when this has returned or completed. */
  put(record: TaskRecord): Prompt<void>;
  /** All that are listed for somebody, the oldest first. */
  list(listedFor: string): Prompt<readonly TaskRecord[]>;
  /** New values of one task, at the latest a second after they were put; one that was put just before may come too. */
  watch(id: string): Observable<TaskRecord>;
  /** Hands an order to another instance; completes when it is on its way. */
  send(holder: string, order: TaskOrder): Prompt<void>;
  /** What others want done here. Hot. */
  readonly orders$: Observable<TaskOrder>;
  close(): void;
}
