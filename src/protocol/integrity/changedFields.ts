import { canonicalJson } from '../canonicalJson.js';
import type { Params } from '../jsonrpc.js';

/** The members in which two definitions differ, by name. */
export const changedFields = (before: Params, now: Params): readonly string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(now)])].filter(
    (field) => canonicalJson(before[field]) !== canonicalJson(now[field]),
  );
