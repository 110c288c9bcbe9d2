import { map, switchMap, type Observable } from 'rxjs';
import {
  authorizationCodeGrantRequest,
  clientCredentialsGrantRequest,
  processAuthorizationCodeResponse,
  processClientCredentialsResponse,
  processRefreshTokenResponse,
  refreshTokenGrantRequest,
  type AuthorizationServer,
} from 'oauth4webapi';
import type { OAuthSettings } from '../../config/oauthSettings.js';
import type { Grant, KnownClient } from '../../streams/grants.js';
import { clientAuthentication } from './clientAuthentication.js';
import { libraryCall } from './libraryCall.js';
import type { OAuthHttp } from './oauthHttp.js';
import { tokens, type Asked } from './tokens.js';

export interface TokenRequests {
  /** A token for a code (OAuth 2.1, 4.1.3). `parameters` have been checked by the library. */
  forCode(
    asked: Asked,
    code: { parameters: URLSearchParams; redirectUri: string; verifier: string },
  ): Observable<Grant>;
  /** A token for the gateway itself (OAuth 2.1, 4.2). */
  forClient(asked: Asked): Observable<Grant>;
  /** A new token for a refresh token (OAuth 2.1, 4.3). */
  refresh(grant: Grant, refreshToken: string): Observable<Grant>;
}

export interface TokenRequestsOptions {
  readonly http: OAuthHttp;
  readonly as: AuthorizationServer;
  readonly client: KnownClient;
  readonly settings: OAuthSettings;
  readonly now: () => number;
}

/** The three requests to a token endpoint. Each names the resource the token is for (RFC 8707). */
export const tokenRequests = ({ http, as, client, settings, now }: TokenRequestsOptions): TokenRequests => {
  const who = { client_id: client.clientId };
  const authentication = () => clientAuthentication(as, client, settings);
  return {
    forCode: (asked, { parameters, redirectUri, verifier }) =>
      authentication().pipe(
        switchMap((auth) =>
          libraryCall(http, 'The authorization', async (options) => {
            const more = { ...options, additionalParameters: resourceOf(asked) };
            const response = await authorizationCodeGrantRequest(
              as,
              who,
              auth,
              parameters,
              redirectUri,
              verifier,
              more,
            );
            return processAuthorizationCodeResponse(as, who, response);
          }),
        ),
        map((answer) => tokens(answer, asked, now())),
      ),
    forClient: (asked) =>
      authentication().pipe(
        switchMap((auth) =>
          libraryCall(http, 'A token', async (options) => {
            const scope = asked.scopes.length === 0 ? {} : { scope: asked.scopes.join(' ') };
            const parameters = { ...scope, ...resourceOf(asked) };
            const response = await clientCredentialsGrantRequest(as, who, auth, parameters, options);
            return processClientCredentialsResponse(as, who, response);
          }),
        ),
        map((answer) => tokens(answer, asked, now())),
      ),
    refresh: (grant, refreshToken) =>
      authentication().pipe(
        switchMap((auth) =>
          libraryCall(http, 'A fresh token', async (options) => {
            const more = { ...options, additionalParameters: resourceOf(grant) };
            const response = await refreshTokenGrantRequest(as, who, auth, refreshToken, more);
            return processRefreshTokenResponse(as, who, response);
          }),
        ),
        map((answer) => {
          const { issuer, resource, scopes } = grant;
          return tokens(answer, { issuer, resource, scopes, refreshToken }, now());
        }),
      ),
  };
};

/** A service that is no resource of its authorization server's is asked for without. */
const resourceOf = ({ resource }: Asked): { readonly resource?: string } =>
  resource === '' ? {} : { resource };
