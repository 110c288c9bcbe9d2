import type { Task } from '../protocol/tasks.js';
import type { ListKind } from './fingerprint.js';

/** A list is not what it was. */
export interface ListChange {
  readonly kind: 'list';
  readonly list: ListKind;
}

/** A resource that a client subscribed to, or a part of it, has changed. */
export interface ResourceChange {
  readonly kind: 'resource';
  /** What the client subscribed to. */
  readonly subscribed: string;
  /** What has changed. */
  readonly uri: string;
}

/** A task is not where it was. */
export interface TaskChange {
  readonly kind: 'task';
  readonly task: Task;
}

/** Something a client may want to hear of. */
export type Change = ListChange | ResourceChange | TaskChange;
