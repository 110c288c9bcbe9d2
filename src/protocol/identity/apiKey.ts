import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** What is kept of a key; the key itself can't be had back from it. */
export interface HashedKey {
  readonly id: string;
  /** `sha256:SALT:HASH`, both base64url. */
  readonly hash: string;
}

const pattern = /^slk_([A-Za-z0-9]{12})_([A-Za-z0-9_-]{43})$/;
const hashPattern = /^sha256:([A-Za-z0-9_-]{22}):([A-Za-z0-9_-]{43})$/;

/** Whether a text has the shape of a key. */
export const isApiKey = (text: string): boolean => text.startsWith('slk_');

/** Whether a text has the shape of a hash. */
export const isKeyHash = (text: string): boolean => hashPattern.test(text);

/**
 * Makes a key: `slk_ID_SECRET`, with 256 random bits in its secret part, and what to keep of it.
 *
 * The hash is a single salted SHA-256. A slow one (scrypt, argon2) protects words that people choose, of which an attacker can try
 * a dictionary; 256 random bits have none, and tens of milliseconds a request would be a lever for whoever wants us busy.
 */
export const newApiKey = (): { readonly key: string; readonly hashed: HashedKey } => {
  const id = idOf(randomBytes(12));
  const secret = randomBytes(32).toString('base64url');
  const salt = randomBytes(16);
  return {
    key: `slk_${id}_${secret}`,
    hashed: {
      id,
      hash: `sha256:${salt.toString('base64url')}:${digest(salt, secret).toString('base64url')}`,
    },
  };
};

const letters = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const idOf = (bytes: Uint8Array): string => [...bytes].map((byte) => letters[byte % letters.length]).join('');

const digest = (salt: Uint8Array, secret: string): Buffer =>
  createHash('sha256').update(salt).update(secret).digest();

/** Compared with where there is no such key: an unknown id takes as long as a wrong secret. */
const nobody = newApiKey().hashed;

/**
 * The kept key that a text is, if it is one.
 *
 * @param keys the kept keys by their ids
 * @returns undefined alike for what is no key, an unknown id and a wrong secret, after the same work
 */
export const findApiKey = <K extends HashedKey>(
  text: string,
  keys: ReadonlyMap<string, K>,
): K | undefined => {
  const [, id = '', secret = ''] = pattern.exec(text) ?? [];
  const kept = keys.get(id);
  const [, salt = '', hash = ''] = hashPattern.exec((kept ?? nobody).hash) ?? [];
  const same = timingSafeEqual(
    digest(Buffer.from(salt, 'base64url'), secret),
    Buffer.from(hash, 'base64url'),
  );
  return same ? kept : undefined;
};
