import { isObject, type JsonRpcError, type Result } from '../protocol/jsonrpc.js';
import { changeOpaque } from '../protocol/recording/changeOpaque.js';

/** An answer as it is compared. */
export interface Answer {
  readonly result?: Result;
  readonly error?: JsonRpcError;
}

/**
 * Pairs of what only its maker can read (cursors, ids of tasks, sealed states) in two answers that stand for each other: the recorded
 * one, and the one that came in its place.
 */
export const opaquePairs = (recorded: Answer, actual: Answer): readonly (readonly [string, string])[] => {
  const [there, here] = [textsOf(recorded.result), textsOf(actual.result)];
  return there.length === here.length ? there.map((text, index) => [text, here[index] ?? ''] as const) : [];
};

const textsOf = (value: unknown): readonly string[] => {
  const found: string[] = [];
  changeOpaque(value, (text) => {
    found.push(text);
    return text;
  });
  return found;
};

/** What is another text each time by its nature, and says nothing of what was answered: left out of what is compared. */
export const comparable = (value: unknown): unknown => withoutTimes(changeOpaque(value, () => '~'));

/** When a task was made and has changed. */
const withoutTimes = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (!isObject(value)) return value;
  if (typeof value['taskId'] === 'string') {
    const { createdAt: _created, lastUpdatedAt: _updated, ...task } = value;
    return task;
  }
  const { task, tasks } = value;
  if (task === undefined && tasks === undefined) return value;
  return {
    ...value,
    ...(task !== undefined && { task: withoutTimes(task) }),
    ...(tasks !== undefined && { tasks: withoutTimes(tasks) }),
  };
};
