import type { JsonPath } from './jsonPath.js';
import { mapChildren } from './mapChildren.js';

/**
 * A document with what a path leads to changed; the same object where that is nothing.
 *
 * @param change gives the value that comes in its place, or `dropped`
 */
export const changeAt = (document: unknown, path: JsonPath, change: (value: unknown) => unknown): unknown => {
  const [first, ...rest] = path;
  if (first === undefined) return change(document);
  const matched = mapChildren(document, (child, key) =>
    first.key === undefined || isKey(first.key, key, document) ? changeAt(child, rest, change) : child,
  );
  if (!first.deep) return matched;
  return mapChildren(matched, (child) => changeAt(child, path, change));
};

const isKey = (wanted: string | number, key: string | number, parent: unknown): boolean =>
  typeof wanted === 'number' && wanted < 0 && Array.isArray(parent)
    ? parent.length + wanted === key
    : wanted === key;
