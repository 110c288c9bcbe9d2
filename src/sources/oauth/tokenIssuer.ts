import { defer, map, switchMap, type Observable } from 'rxjs';
import type { AuthorizationServer, TokenEndpointResponse } from 'oauth4webapi';
import type { NetworkSettings } from '../../config/networkSettings.js';
import type { OAuthClientSettings, OAuthSettings } from '../../config/oauthSettings.js';
import type { Caller } from '../../streams/caller.js';
import type { Grant } from '../../streams/grants.js';
import { addressPolicy } from './addressPolicy.js';
import { knownIssuer } from './knownIssuer.js';
import { oauthHttp } from './oauthHttp.js';
import { protectedResource } from './protectedResource.js';
import { subjectToken } from './subjectToken.js';
import { tokenRequest } from './tokenRequest.js';
import { tokens } from './tokens.js';
import { unauthorized } from './unauthorized.js';

export interface TokenIssuerOptions {
  /** Name of the server the tokens are for. */
  readonly server: string;
  /** Its address, which is its identifier as a resource unless the settings say otherwise; undefined for one that has no such thing. */
  readonly url: string | undefined;
  readonly settings: OAuthSettings;
  readonly rules: () => NetworkSettings;
  readonly now?: () => number;
}

/** Where tokens for one server are had without anybody who agrees. Errors of all: `ERR_UPSTREAM_UNAUTHORIZED`. */
export interface TokenIssuer {
  /** A token for the gateway itself (OAuth 2.1, 4.2). */
  forGateway(): Observable<Grant>;
  /** A token for a caller, made of the one it came with. */
  forCaller(caller: Caller): Observable<Grant>;
  close(): void;
}

const urn = 'urn:ietf:params:oauth:';
const exchange = `${urn}grant-type:token-exchange`;
const accessToken = `${urn}token-type:access_token`;
const idJag = `${urn}token-type:id-jag`;

/**
 * Client credentials, token exchange (RFC 8693) and ID-JAG (SEP-990: the identity provider vouches for the caller, the authorization
 * server of the MCP server gives a token for that) at the authorization servers that the settings name.
 */
export const tokenIssuer = ({
  server,
  url,
  settings,
  rules,
  now = Date.now,
}: TokenIssuerOptions): TokenIssuer => {
  const { issuer, idp, audience, scopes, allowedHosts, subjectTokenType = accessToken } = settings;
  const httpTo = (place: string) => oauthHttp(addressPolicy({ server: new URL(place), allowedHosts, rules }));
  const http = httpTo(issuer ?? url ?? '');
  const atIdp = idp === undefined ? undefined : httpTo(idp.issuer);
  const vouching = idp && atIdp && knownIssuer(atIdp, idp.issuer, now);
  const named = issuer === undefined ? undefined : knownIssuer(http, issuer, now);
  let discovered: (() => Observable<AuthorizationServer>) | undefined;
  const resource = settings.resource ?? (audience === undefined ? url : undefined);
  const scope = scopes === undefined || scopes.length === 0 ? undefined : scopes.join(' ');

  /** The authorization server that the settings name, else the one that the MCP server names (RFC 9728). */
  const authorizationServer = (): Observable<AuthorizationServer> => {
    const known = named ?? discovered;
    if (known !== undefined) return known();
    return protectedResource(http, new URL(url ?? ''), undefined).pipe(
      switchMap(({ issuers: [first = ''] }) => (discovered = knownIssuer(http, first, now))()),
    );
  };

  const asGrant = (as: AuthorizationServer, answer: TokenEndpointResponse): Grant =>
    tokens(answer, { issuer: as.issuer, resource: resource ?? '', scopes: scopes ?? [] }, now());

  const subjectOf = (caller: Caller): string => {
    const subject = subjectToken(caller);
    if (subject === undefined)
      throw unauthorized(
        `The server "${server}" is used in the name of each caller, and this one came without a token that could be exchanged`,
      );
    return subject;
  };

  const exchanged = (caller: Caller): Observable<Grant> => {
    const subject = subjectOf(caller);
    return authorizationServer().pipe(
      switchMap((as) => {
        const parameters = {
          subject_token: subject,
          subject_token_type: subjectTokenType,
          requested_token_type: accessToken,
          audience,
          resource,
          scope,
        };
        return tokenRequest(http, {
          as,
          settings,
          grant: exchange,
          parameters,
          what: 'The exchange of a token',
        }).pipe(map((answer) => asGrant(as, answer)));
      }),
    );
  };

  const vouchedFor = (
    caller: Caller,
    who: OAuthClientSettings,
    metadata: () => Observable<AuthorizationServer>,
  ): Observable<Grant> => {
    const subject = subjectOf(caller);
    return authorizationServer().pipe(
      switchMap((as) =>
        metadata().pipe(
          switchMap((provider) => {
            const parameters = {
              subject_token: subject,
              subject_token_type: subjectTokenType,
              requested_token_type: idJag,
              audience: as.issuer,
              resource,
              scope,
            };
            const what = 'The exchange of a token at the identity provider';
            return tokenRequest(atIdp ?? http, {
              as: provider,
              settings: who,
              grant: exchange,
              parameters,
              what,
            });
          }),
          switchMap(({ access_token: assertion, issued_token_type: kind }) => {
            if (kind !== idJag)
              throw unauthorized('The identity provider gave something else than an ID-JAG');
            const parameters = { assertion, scope };
            const grant = `${urn}grant-type:jwt-bearer`;
            return tokenRequest(http, { as, settings, grant, parameters, what: 'A token for an ID-JAG' });
          }),
          map((answer) => asGrant(as, answer)),
        ),
      ),
    );
  };

  return {
    forGateway: () =>
      defer(authorizationServer).pipe(
        switchMap((as) => {
          const parameters = { audience, resource, scope };
          return tokenRequest(http, {
            as,
            settings,
            grant: 'client_credentials',
            parameters,
            what: 'A token',
          }).pipe(map((answer) => asGrant(as, answer)));
        }),
      ),
    forCaller: (caller) =>
      defer(() =>
        idp === undefined || vouching === undefined ? exchanged(caller) : vouchedFor(caller, idp, vouching),
      ),
    close() {
      http.close();
      atIdp?.close();
    },
  };
};
