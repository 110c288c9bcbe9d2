import { isObject } from '../jsonrpc.js';

/** Members of params and results that only whoever made them can read: they name something, and are another text the next time. */
const opaque: ReadonlySet<string> = new Set(['cursor', 'nextCursor', 'taskId', 'requestState']);
/** Members in which there may be such. */
const holders: ReadonlySet<string> = new Set([
  'task',
  'tasks',
  '_meta',
  'io.modelcontextprotocol/related-task',
]);

/**
 * Changes the cursors, ids of tasks and sealed states in params or a result, where the protocol has its places for them; what tools and
 * people write stays as it is. The same object comes back where there is none.
 *
 * @param change gives what comes in place of one
 */
export const changeOpaque = <T>(value: T, change: (text: string) => string): T => within(value, change) as T;

const within = (value: unknown, change: (text: string) => string): unknown => {
  if (Array.isArray(value)) {
    const next = value.map((item: unknown) => within(item, change));
    return next.every((item, index) => item === value[index]) ? value : next;
  }
  if (!isObject(value)) return value;
  let next: Record<string, unknown> | undefined;
  for (const key of Object.keys(value)) {
    const member = value[key];
    const changed =
      opaque.has(key) && typeof member === 'string'
        ? change(member)
        : holders.has(key)
          ? within(member, change)
          : member;
    if (changed !== member) next = { ...(next ?? value), [key]: changed };
  }
  return next ?? value;
};
