import { isObject } from './jsonrpc.js';

/**
 * A value as JSON with the keys of every object in the order of their UTF-16 code units, at every depth, and no white space: values
 * that mean the same give the same text, here and wherever else it is made by the same rule.
 */
export const canonicalJson = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  if (!isObject(value)) return value === undefined ? 'null' : JSON.stringify(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    // Sorted here and not by an object's own order, in which `2` goes before `10`.
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join()}}`;
};
