import { isObject } from '../jsonrpc.js';

type Change = (text: string) => string;

/** Members that only whoever made them can read: they name something, and are another text the next time. */
const opaque: ReadonlySet<string> = new Set([
  'cursor',
  'nextCursor',
  'taskId',
  'requestState',
  'elicitationId',
]);
/** Members in which there may be such. */
const holders: ReadonlySet<string> = new Set([
  'task',
  'tasks',
  '_meta',
  'io.modelcontextprotocol/related-task',
  'elicitations',
  'params',
]);

/**
 * Changes the cursors, ids of tasks, sealed states, and addresses that one person is asked to visit, in params, a result or an error, where
 * the protocol has its places for them; what tools and people write stays as it is. The same object comes back where there is none.
 *
 * @param change gives what comes in place of one
 */
export const changeOpaque = <T>(value: T, change: Change): T => within(value, change) as T;

const within = (value: unknown, change: Change): unknown => {
  if (Array.isArray(value)) {
    const next = value.map((item: unknown) => within(item, change));
    return next.every((item, index) => item === value[index]) ? value : next;
  }
  if (!isObject(value)) return value;
  return changed(value, (key, member) => {
    if (typeof member === 'string') {
      const isPage = key === 'url' && value['mode'] === 'url';
      return opaque.has(key) || isPage ? change(member) : member;
    }
    // Of an error: the pages to visit, and nothing else.
    if (key === 'data' && isObject(member))
      return changed(member, (name, part) => (name === 'elicitations' ? within(part, change) : part));
    // By keys of the server's own.
    if (key === 'inputRequests' && isObject(member))
      return changed(member, (_key, asked) => within(asked, change));
    return holders.has(key) ? within(member, change) : member;
  });
};

const changed = (
  value: Readonly<Record<string, unknown>>,
  change: (key: string, member: unknown) => unknown,
): Readonly<Record<string, unknown>> => {
  let next: [string, unknown][] | undefined;
  const entries = Object.entries(value);
  for (const [index, [key, member]] of entries.entries()) {
    const now = change(key, member);
    if (now !== member) next ??= entries.slice(0, index);
    next?.push([key, now]);
  }
  return next === undefined ? value : Object.fromEntries(next);
};
