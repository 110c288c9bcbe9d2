import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { refusal } from './errors.js';
import type { Secrets } from './sealer.js';

/** Makes and reads the opaque cursors of paginated lists. */
export interface Cursors {
  /** A cursor that says: go on after `last`, in the list `list`. */
  write(list: string, last: string): string;
  /** The `last` of a cursor written for the same list. Throws `ERR_CURSOR_INVALID` for any other string. */
  read(list: string, cursor: string): string;
}

const signatureBytes = 16;

/**
 * Cursors signed with HMAC-SHA256, so that nobody can make one up. They name the last entry seen rather than a position:
 * a list that changes between two pages neither repeats nor skips what stayed.
 *
 * @param secrets at least 32 random bytes each, the same on all instances that serve one client: the newest, which signs, first
 */
export const cursors = (...secrets: Secrets): Cursors => {
  const keys = secrets.map((secret) => Buffer.from(hkdfSync('sha256', secret, '', 'sluice list cursor', 32)));
  const [newest = Buffer.alloc(0)] = keys;
  const sign = (key: Buffer, list: string, payload: string): Buffer =>
    createHmac('sha256', key).update(`${list}\0${payload}`).digest().subarray(0, signatureBytes);
  return {
    write: (list, last) => Buffer.concat([sign(newest, list, last), Buffer.from(last)]).toString('base64url'),
    read(list, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      const last = bytes.subarray(signatureBytes).toString();
      const valid =
        bytes.length >= signatureBytes &&
        keys.some((key) => timingSafeEqual(bytes.subarray(0, signatureBytes), sign(key, list, last))) &&
        bytes.toString('base64url') === cursor;
      if (!valid) throw refusal('ERR_CURSOR_INVALID', 'Invalid cursor: start again without one');
      return last;
    },
  };
};
