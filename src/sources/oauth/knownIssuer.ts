import { defer, of, tap, type Observable } from 'rxjs';
import type { AuthorizationServer } from 'oauth4webapi';
import { singleFlight } from '../singleFlight.js';
import { issuerMetadata } from './issuerMetadata.js';
import type { OAuthHttp } from './oauthHttp.js';

/** How long metadata is good, in milliseconds: endpoints move seldom, and not without notice. */
const goodMs = 10 * 60_000;

/** The metadata of an authorization server, fetched once and again after ten minutes, by all who want it together. */
export const knownIssuer = (
  http: OAuthHttp,
  issuer: string,
  now: () => number,
): (() => Observable<AuthorizationServer>) => {
  let known: AuthorizationServer | undefined;
  let fetchedAt = -Infinity;
  const fetching = singleFlight(() =>
    issuerMetadata(http, issuer, true).pipe(
      tap((found) => {
        known = found;
        fetchedAt = now();
      }),
    ),
  );
  return () => defer(() => (known !== undefined && now() - fetchedAt < goodMs ? of(known) : fetching.run()));
};
