import { isObject } from '../jsonrpc.js';
import { dropped } from './dropped.js';

/**
 * The elements of an array or the members of an object, each changed; the same object where nothing is, and any other value as it is.
 *
 * @param change gives what comes in a child's place, or `dropped`
 * @param rename gives a member's name
 */
export const mapChildren = (
  parent: unknown,
  change: (child: unknown, key: string | number) => unknown,
  rename: (name: string) => string = (name) => name,
): unknown => {
  if (Array.isArray(parent)) {
    const next = parent.map((child: unknown, index) => change(child, index));
    return next.every((child, index) => child === parent[index])
      ? parent
      : next.filter((child) => child !== dropped);
  }
  if (!isObject(parent)) return parent;
  let next: [string, unknown][] | undefined;
  const names = Object.keys(parent);
  for (const [index, name] of names.entries()) {
    const child = parent[name];
    const changed = change(child, name);
    const renamed = rename(name);
    if (next === undefined) {
      if (changed === child && renamed === name) continue;
      next = names.slice(0, index).map((before) => [before, parent[before]]);
    }
    if (changed !== dropped) next.push([renamed, changed]);
  }
  // Not key by key: one named `__proto__` would become a prototype.
  return next === undefined ? parent : Object.fromEntries(distinct(next));
};

/** Two names that have become one: the later gets a number. */
const distinct = (entries: readonly [string, unknown][]): [string, unknown][] => {
  const seen = new Map<string, number>();
  return entries.map(([name, value]) => {
    const before = seen.get(name) ?? 0;
    seen.set(name, before + 1);
    return [before === 0 ? name : `${name} ${before + 1}`, value];
  });
};
