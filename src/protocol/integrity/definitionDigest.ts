import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonicalJson.js';
import type { Params } from '../jsonrpc.js';

const known = new WeakMap<Params, string>();

/** The digest of a definition: `sha256:` and hex, over its canonical JSON. Members in another order are the same definition. */
export const definitionDigest = (definition: Params): string => {
  const before = known.get(definition);
  if (before !== undefined) return before;
  const digest = `sha256:${createHash('sha256').update(canonicalJson(definition)).digest('hex')}`;
  known.set(definition, digest);
  return digest;
};
