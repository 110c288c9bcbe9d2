import { isObject } from '../jsonrpc.js';

export type Claims = Readonly<Record<string, unknown>>;

/** More entries than this in one claim are not looked at. */
const maxEntries = 1000;

/**
 * The claim of a name, or at a path: `realm_access.roles`. A claim whose whole name is written goes before, since names may be URLs.
 */
export const claimAt = (claims: Claims, path: string): unknown => {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path
    .split('.')
    .reduce<unknown>(
      (holder, key) => (isObject(holder) && Object.hasOwn(holder, key) ? holder[key] : undefined),
      claims,
    );
};

/** A claim that is a short text, or a number written as one; undefined for all else. */
export const textClaim = (claims: Claims, path: string): string | undefined => {
  const value = claimAt(claims, path);
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' && text.length <= 512 ? text : undefined;
};

/** A claim that is a list of words, or a text of words with spaces between. */
export const wordsClaim = (claims: Claims, path: string): readonly string[] => {
  const value = claimAt(claims, path);
  const words = typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  return (words as unknown[])
    .slice(0, maxEntries)
    .filter((word): word is string => typeof word === 'string' && word !== '');
};
