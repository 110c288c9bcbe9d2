import { createHmac, timingSafeEqual } from 'node:crypto';
import { refusal } from './errors.js';

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
 * @param key at least 32 random bytes, the same on all instances that serve one client
 */
export const cursors = (key: Uint8Array): Cursors => {
  const sign = (list: string, payload: string): Buffer =>
    createHmac('sha256', key).update(`${list}\0${payload}`).digest().subarray(0, signatureBytes);
  return {
    write: (list, last) => Buffer.concat([sign(list, last), Buffer.from(last)]).toString('base64url'),
    read(list, cursor) {
      const bytes = Buffer.from(cursor, 'base64url');
      const last = bytes.subarray(signatureBytes).toString();
      const valid =
        bytes.length >= signatureBytes &&
        timingSafeEqual(bytes.subarray(0, signatureBytes), sign(list, last)) &&
        bytes.toString('base64url') === cursor;
      if (!valid) throw refusal('ERR_CURSOR_INVALID', 'Invalid cursor: start again without one');
      return last;
    },
  };
};
