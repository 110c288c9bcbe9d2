import { catchError, concat, defer, ignoreElements, of, switchMap, throwError, type Observable } from 'rxjs';
import { fromUnknown, refusal, type GatewayError } from '../../protocol/errors.js';
import type { Grant, GrantStore } from '../../streams/grants.js';
import type { Log } from '../../streams/log.js';
import { singleFlight } from '../singleFlight.js';
import type { CredentialHeaders, Credentials, Refused } from './credentials.js';

export interface CachedCredentialsOptions {
  /** Name of the server. */
  readonly server: string;
  /** Where the token is kept in the store; whoever else uses this key has the same token. */
  readonly key: string;
  readonly store: GrantStore;
  /** Gets a token; `before` is the last one, which has run out or was refused. Errors: `ERR_UPSTREAM_UNAUTHORIZED`. */
  readonly obtain: (before: Grant | undefined) => Observable<Grant>;
  /** A token is only fetched when the server has refused a request without one. */
  readonly onDemand?: boolean;
  readonly log: Log;
  readonly now?: () => number;
}

/** A token is renewed this long before it ends: a request takes a while to arrive. */
const marginMs = 10_000;
/** A token refused so soon after it was made would be refused again; and what has just failed fails again. */
const freshMs = 2000;

const none: CredentialHeaders = [];

/**
 * Credentials by a token that can be had again at any time: for the gateway itself (client credentials), or for one caller (token
 * exchange, ID-JAG). All requests share one fetch; instances that share the store share the token.
 *
 * A refused token (401) is renewed once, and the request sent again, for it had not begun.
 */
export const cachedCredentials = (options: CachedCredentialsOptions): Credentials => {
  const { server, key, store, obtain, log, now = Date.now } = options;
  let grant: Grant | undefined;
  let headers = none;
  let obtainedAt = -Infinity;
  let failed: { readonly error: GatewayError; readonly at: number } | undefined;
  /** The access token that the server has refused. */
  let refused: string | undefined;
  let isWanted = options.onDemand !== true;

  const isValid = ({ accessToken, expiresAt = Infinity }: Grant, marginMs = 0): boolean =>
    accessToken !== refused && expiresAt - marginMs > now();

  const take = (next: Grant): CredentialHeaders => {
    if (next.accessToken !== grant?.accessToken) headers = ['authorization', `Bearer ${next.accessToken}`];
    grant = next;
    return headers;
  };

  const fetched = (before: Grant | undefined): Observable<CredentialHeaders> =>
    obtain(before).pipe(
      switchMap((next) => {
        obtainedAt = now();
        failed = undefined;
        log.debug({ event: 'token_obtained', server }, 'Got a token for the server');
        const kept = store.write(key, { grant: next, clients: {} }).pipe(
          ignoreElements(),
          catchError((error: unknown) => {
            // The token is good all the same; others have to fetch their own.
            log.warn(
              { event: 'grant_not_stored', server, code: codeOf(error) },
              'A token could not be stored',
            );
            return [];
          }),
        );
        return concat(kept, of(take(next)));
      }),
    );

  const flight = singleFlight(() =>
    store.read(key).pipe(
      catchError((error: unknown) => {
        log.warn(
          { event: 'grant_not_read', server, code: codeOf(error) },
          'A stored token could not be read',
        );
        return of(undefined);
      }),
      switchMap((record) => {
        const stored = record?.grant;
        return stored !== undefined && isValid(stored, marginMs)
          ? of(take(stored))
          : fetched(stored ?? grant);
      }),
      catchError((error: unknown) => {
        const known = fromUnknown(error);
        if (failed?.error.message !== known.message)
          log.warn({ event: 'token_failed', server }, known.message);
        failed = { error: known, at: now() };
        return throwError(() => known);
      }),
    ),
  );

  const renewed = (): Observable<CredentialHeaders> =>
    failed !== undefined && now() - failed.at < freshMs ? throwError(failedAgain) : flight.run();
  const failedAgain = (): unknown => failed?.error;

  return {
    headers() {
      if (grant !== undefined && isValid(grant, marginMs)) return headers;
      if (!isWanted) return none;
      const last = grant;
      return defer(renewed).pipe(
        catchError((error: unknown) =>
          // It was too early to renew it; perhaps it goes better the next time.
          last !== undefined && isValid(last) ? of(take(last)) : throwError(() => error),
        ),
      );
    },
    renew({ status, sent }: Refused) {
      if (status !== 401) return undefined;
      isWanted = true;
      if (sent !== headers && grant !== undefined && isValid(grant, marginMs)) return of(headers);
      if (sent === headers && sent !== none && now() - obtainedAt < freshMs) return undefined;
      if (sent === headers && sent !== none) refused = grant?.accessToken;
      return renewed();
    },
    close() {
      flight.stop(refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend is closed'));
    },
  };
};

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
