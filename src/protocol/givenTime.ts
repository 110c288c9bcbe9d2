import type { Params } from './jsonrpc.js';
import { remaining } from './remaining.js';

/**
 * The time that a caller gives its call, in whole milliseconds: the shorter one of what header and `_meta` say.
 *
 * What is malformed says nothing: a deadline is a caller's favour to itself, and the gateway has limits of its own.
 *
 * @param meta the call's `_meta`
 * @param header the header's value, as it came
 * @returns undefined where neither says anything
 */
export const givenTime = (meta: Params, header: unknown): number | undefined => {
  const inMeta = meta[remaining.meta];
  const ofMeta = typeof inMeta === 'number' && inMeta >= 0 ? Math.floor(inMeta) : undefined;
  const ofHeader = typeof header === 'string' && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
  return ofMeta === undefined || ofHeader === undefined ? (ofMeta ?? ofHeader) : Math.min(ofMeta, ofHeader);
};
