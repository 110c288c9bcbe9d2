import { isObject } from './jsonrpc.js';

/** A value as JSON with the keys of every object in order: values that mean the same give the same text. */
export const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_key, child: unknown) =>
    isObject(child) ? Object.fromEntries(Object.entries(child).sort(([a], [b]) => (a < b ? -1 : 1))) : child,
  );
