import { createHash, randomBytes } from 'node:crypto';
import { map, switchMap, take, type Observable } from 'rxjs';
import { validateAuthResponse, type AuthorizationServer } from 'oauth4webapi';
import type { OAuthSettings } from '../../config/oauthSettings.js';
import type { Grant, KnownClient } from '../../streams/grants.js';
import type { AddressPolicy } from './addressPolicy.js';
import type { Consent } from './consent.js';
import { knownClient } from './knownClient.js';
import { libraryCall } from './libraryCall.js';
import type { OAuthHttp } from './oauthHttp.js';
import { tokenRequests } from './tokenRequests.js';
import type { Asked } from './tokens.js';
import { unauthorized } from './unauthorized.js';

export interface AuthorizeByCodeOptions {
  readonly http: OAuthHttp;
  readonly policy: AddressPolicy;
  readonly as: AuthorizationServer;
  readonly settings: OAuthSettings;
  readonly registered: KnownClient | undefined;
  readonly consent: Consent;
  readonly server: string;
  readonly now: () => number;
}

/**
 * Asks a person to authorize the gateway (OAuth 2.1, 4.1): PKCE with S256, a `state` of its own, the issuer checked when the browser
 * comes back (RFC 9207), before the code goes anywhere.
 *
 * @returns the token, and the client it was given to. Errors: `ERR_UPSTREAM_UNAUTHORIZED`
 */
export const authorizeByCode = (
  options: AuthorizeByCodeOptions,
  asked: Asked,
): Observable<{ readonly grant: Grant; readonly client: KnownClient }> => {
  const { http, policy, as, consent, server } = options;
  // Without PKCE a stolen code is a stolen token; who does not say S256 does not have it (2025-11-25: authorization).
  if (as.code_challenge_methods_supported?.includes('S256') !== true)
    throw unauthorized('The authorization server does not support PKCE with S256');
  if (as.authorization_endpoint === undefined)
    throw unauthorized('The authorization server has no authorization endpoint');
  const endpoint = policy.check(as.authorization_endpoint, 'The authorization endpoint');

  return consent(server).pipe(
    switchMap((waiting) => {
      const { redirectUri } = waiting;
      return knownClient({ ...options, redirectUri }).pipe(
        switchMap((client) => {
          const state = randomBytes(32).toString('base64url');
          const verifier = randomBytes(32).toString('base64url');
          const url = urlOf(endpoint, client, asked, { redirectUri, state, verifier });
          return waiting.show(url).pipe(
            take(1),
            switchMap((parameters) => checked(http, as, client, parameters, state)),
            switchMap((parameters) =>
              tokenRequests({ ...options, client }).forCode(asked, { parameters, redirectUri, verifier }),
            ),
            map((grant) => ({ grant, client })),
          );
        }),
      );
    }),
    // Whoever waited stops waiting now.
    take(1),
  );
};

const urlOf = (
  endpoint: URL,
  { clientId }: KnownClient,
  { resource, scopes }: Asked,
  { redirectUri, state, verifier }: { redirectUri: string; state: string; verifier: string },
): URL => {
  const url = new URL(endpoint);
  const parameters = {
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    resource,
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    // OpenID Connect gives a refresh token only to who has asked the person again (Core, 11).
    ...(scopes.includes('offline_access') && { prompt: 'consent' }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
};

const checked = (
  http: OAuthHttp,
  as: AuthorizationServer,
  { clientId }: KnownClient,
  parameters: URLSearchParams,
  state: string,
): Observable<URLSearchParams> =>
  libraryCall(http, 'The authorization', () =>
    Promise.resolve().then(() => validateAuthResponse(as, { client_id: clientId }, parameters, state)),
  );
