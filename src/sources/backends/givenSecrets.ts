import { isObservable, tap, type Observable } from 'rxjs';
import { spellings } from '../../protocol/redaction/spellings.js';
import type { CredentialHeaders, Credentials } from '../oauth/credentials.js';
import { ownSecrets } from './ownSecrets.js';

/** Credentials, and the texts in them that no client may see. */
export interface GivenSecrets {
  /** The same credentials, listened to. */
  readonly credentials: Credentials;
  /** Of the configuration, of what was given last, and before: an answer may be about that. The longest first. */
  readonly secrets: () => readonly string[];
}

/**
 * Remembers what credentials give.
 *
 * @param own what is secret besides
 */
export const givenSecrets = (credentials: Credentials, own: readonly string[]): GivenSecrets => {
  let last: CredentialHeaders = [];
  let before: readonly string[] = [];
  let secrets = own;
  /** The same list is the same credential. */
  const note = (headers: CredentialHeaders): void => {
    if (headers === last || headers.length === 0) return;
    const now = ownSecrets({ named: pairs(headers) });
    secrets = spellings([...own, ...before, ...now]);
    before = now;
    last = headers;
  };
  const noted = (headers: Observable<CredentialHeaders>) => headers.pipe(tap(note));
  return {
    secrets: () => secrets,
    credentials: {
      headers() {
        const headers = credentials.headers();
        if (isObservable(headers)) return noted(headers);
        note(headers);
        return headers;
      },
      renew(refused) {
        const renewed = credentials.renew(refused);
        return renewed && noted(renewed);
      },
      close: () => credentials.close(),
    },
  };
};

/** A flat list of names and values, two by two. */
const pairs = (list: readonly string[]): Record<string, string> => {
  const named: Record<string, string> = {};
  for (let at = 0; at < list.length; at += 2) named[list[at] ?? ''] = list[at + 1] ?? '';
  return named;
};
