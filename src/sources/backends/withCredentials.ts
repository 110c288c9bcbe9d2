import { isObservable, Observable, Subscription } from 'rxjs';
import type { Chunk, Head } from '../fromDispatch.js';
import { challenges } from '../oauth/challenges.js';
import type { CredentialHeaders, Credentials } from '../oauth/credentials.js';

/** A token refused, and then one whose scopes do not suffice: what can be mended is mended by then. */
const maxRenewals = 2;

/**
 * One request with credentials, sent again with better ones when the server does not let it in. It has not begun then (401, 403),
 * so that this is safe for a call that must not run twice.
 *
 * @param send makes the request with these headers; subscribed once an attempt
 * @returns what the last attempt gives. Errors: those of `send` and of the credentials
 */
export const withCredentials = (
  credentials: Credentials,
  send: (headers: CredentialHeaders) => Observable<Head | Chunk>,
): Observable<Head | Chunk> =>
  new Observable((subscriber) => {
    let current = new Subscription();
    subscriber.add(() => current.unsubscribe());

    const next = (work: (own: Subscription) => void): void => {
      current.unsubscribe();
      current = new Subscription();
      if (subscriber.closed) return;
      work(current);
    };
    const attempt = (headers: CredentialHeaders, left: number): void =>
      next((own) => {
        own.add(
          send(headers).subscribe({
            next(part) {
              const renewed = part.kind === 'head' && left > 0 ? renew(part, headers) : undefined;
              if (renewed === undefined) subscriber.next(part);
              else wait(renewed, left - 1);
            },
            error: (error: unknown) => subscriber.error(error),
            complete: () => subscriber.complete(),
          }),
        );
      });
    const wait = (headers$: Observable<CredentialHeaders>, left: number): void =>
      next((own) => {
        own.add(
          headers$.subscribe({
            next: (headers) => attempt(headers, left),
            error: (error: unknown) => subscriber.error(error),
          }),
        );
      });
    const renew = ({ status, headers }: Head, sent: CredentialHeaders) =>
      status === 401 || status === 403
        ? credentials.renew({ status, challenges: challenges(headers['www-authenticate']), sent })
        : undefined;

    const first = credentials.headers();
    if (isObservable(first)) wait(first, maxRenewals);
    else attempt(first, maxRenewals);
  });
