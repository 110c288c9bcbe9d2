import { defer, from, type Observable } from 'rxjs';
import {
  allowInsecureRequests,
  AuthorizationResponseError,
  customFetch,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi';
import { GatewayError } from '../../protocol/errors.js';
import type { FetchInit, OAuthHttp } from './oauthHttp.js';
import { TokenRefused } from './tokenRefused.js';
import { unauthorized } from './unauthorized.js';

/** What every request of the library is made with. */
export interface LibraryOptions {
  readonly [customFetch]: (url: string, init: FetchInit) => Promise<Response>;
  /** Which URLs may be used is for our own policy to say, which knows more. */
  readonly [allowInsecureRequests]: true;
  readonly signal: AbortSignal;
}

/**
 * A piece of work of the library as an Observable: unsubscribing aborts its request.
 *
 * @param what how the message calls it
 * @returns one value. Errors: `TokenRefused` where the authorization server says no, `ERR_UPSTREAM_UNAUTHORIZED` otherwise; neither
 *   carries what was sent or answered
 */
export const libraryCall = <T>(
  http: OAuthHttp,
  what: string,
  work: (options: LibraryOptions) => Promise<T>,
): Observable<T> =>
  defer(() => {
    const aborter = new AbortController();
    const options: LibraryOptions = {
      [customFetch]: (url, init) => http.fetch(url, init),
      [allowInsecureRequests]: true,
      signal: aborter.signal,
    };
    return from(
      work(options).catch((error: unknown) => {
        throw told(error, what);
      }),
    );
  });

const told = (error: unknown, what: string): Error => {
  if (error instanceof GatewayError) return error;
  if (error instanceof ResponseBodyError || error instanceof AuthorizationResponseError)
    return new TokenRefused(what, error.error);
  if (error instanceof WWWAuthenticateChallengeError) return new TokenRefused(what, 'invalid_client');
  return unauthorized(`${what} was not answered as OAuth wants it`);
};
