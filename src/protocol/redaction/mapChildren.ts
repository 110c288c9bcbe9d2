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
  rename?: (name: string) => string,
): unknown => {
  if (Array.isArray(parent)) return mapElements(parent, change);
  if (!isObject(parent)) return parent;
  let next: [string, unknown][] | undefined;
  let isRenamed = false;
  const names = Object.keys(parent);
  for (let index = 0; index < names.length; index++) {
    const name = names[index] as string;
    const child = parent[name];
    const changed = change(child, name);
    const renamed = rename === undefined ? name : rename(name);
    if (next === undefined) {
      if (changed === child && renamed === name) continue;
      next = names.slice(0, index).map((before) => [before, parent[before]]);
    }
    if (renamed !== name) isRenamed = true;
    if (changed !== dropped) next.push([renamed, changed]);
  }
  if (next === undefined) return parent;
  // Not key by key: one named `__proto__` would become a prototype.
  return Object.fromEntries(isRenamed ? distinct(next) : next);
};

const mapElements = (
  parent: readonly unknown[],
  change: (child: unknown, index: number) => unknown,
): readonly unknown[] => {
  let next: unknown[] | undefined;
  for (let index = 0; index < parent.length; index++) {
    const child = parent[index];
    const changed = change(child, index);
    if (next === undefined) {
      if (changed === child) continue;
      next = parent.slice(0, index);
    }
    if (changed !== dropped) next.push(changed);
  }
  return next ?? parent;
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
