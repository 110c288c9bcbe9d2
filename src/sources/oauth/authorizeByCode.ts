import { randomBytes } from 'node:crypto';
import { map, switchMap, take, type Observable } from 'rxjs';
import type { AuthorizationServer } from 'oauth4webapi';
import type { OAuthSettings } from '../../config/oauthSettings.js';
import type { Grant, KnownClient } from '../../streams/grants.js';
import type { AddressPolicy } from './addressPolicy.js';
import { authorizationUrl } from './authorizationUrl.js';
import { checkedAnswer } from './checkedAnswer.js';
import type { Consent } from './consent.js';
import { knownClient } from './knownClient.js';
import type { OAuthHttp } from './oauthHttp.js';
import { tokenRequests } from './tokenRequests.js';
import type { Asked } from './tokens.js';

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
  const urlFor = authorizationUrl(policy, as);

  return consent(server).pipe(
    switchMap((waiting) => {
      const { redirectUri } = waiting;
      return knownClient({ ...options, redirectUri }).pipe(
        switchMap((client) => {
          const state = randomBytes(32).toString('base64url');
          const verifier = randomBytes(32).toString('base64url');
          const url = urlFor(client, asked, { redirectUri, state, verifier });
          return waiting.show(url).pipe(
            take(1),
            switchMap((parameters) => checkedAnswer(http, as, client.clientId, parameters, state)),
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
