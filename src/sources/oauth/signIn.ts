import { decodeProtectedHeader, type JWTHeaderParameters } from 'jose';
import { map, switchMap, type Observable } from 'rxjs';
import type { AuthorizationServer } from 'oauth4webapi';
import type { IssuerSettings, SignInSettings } from '../../config/authSettings.js';
import type { Claims } from '../../protocol/identity/claims.js';
import { isObject } from '../../protocol/jsonrpc.js';
import { parseJson } from '../../protocol/parseJson.js';
import { checkJwt } from '../identity/checkJwt.js';
import type { IssuerKeys } from '../identity/issuerKeys.js';
import { checkedAnswer } from './checkedAnswer.js';
import { clientAuthentication } from './clientAuthentication.js';
import { codeRequestUrl, type WayBack } from './codeRequestUrl.js';
import { knownIssuer } from './knownIssuer.js';
import { unauthorized } from './unauthorized.js';

/** What a sign-in was begun with, besides where it comes back to. */
export interface SignInWayBack extends WayBack {
  /** Stands in the ID token: a token of another sign-in is not taken for one of this. */
  readonly nonce: string;
}

/** Lets a person show at a browser who it is to an issuer (OpenID Connect Core, 3.1: code, PKCE, nonce). */
export interface SignIn {
  /** Where the browser is to go. Errors: `ERR_UPSTREAM_UNAUTHORIZED`. */
  begin(back: SignInWayBack): Observable<URL>;
  /** What the issuer says of who came back. Errors: `TokenRefused`, `ERR_UPSTREAM_UNAUTHORIZED`, `ERR_CREDENTIAL_INVALID`. */
  finish(parameters: URLSearchParams, back: SignInWayBack): Observable<SignedIn>;
}

/** Claims of an ID token. */
export type SignedIn = Claims & { readonly sub: string };

const what = 'The sign-in';

/** The gateway as a client of one issuer, for its pages. @param keys closed by whoever made them */
export const signIn = (
  issuer: IssuerSettings,
  { clientId, clientSecret, scopes = ['openid'] }: SignInSettings,
  keys: IssuerKeys,
): SignIn => {
  const { http } = keys;
  const metadata = knownIssuer(http, issuer.issuer, Date.now);
  const client = {
    clientId,
    ...(clientSecret !== undefined && { clientSecret: Buffer.from(clientSecret.reveal()).toString('utf8') }),
  };

  /** The ID token for a code. The library is not asked: it knows no keys, and ours are those that callers are checked with. */
  const idToken = (
    as: AuthorizationServer,
    code: string,
    { redirectUri, verifier }: SignInWayBack,
  ): Observable<string> =>
    clientAuthentication(as, client, client).pipe(
      switchMap((authenticate) => {
        const body = new URLSearchParams({
          grant_type: 'authorization_code',
          code,
          redirect_uri: redirectUri,
          code_verifier: verifier,
        });
        const headers = new Headers({
          accept: 'application/json',
          'content-type': 'application/x-www-form-urlencoded',
        });
        void authenticate(as, { client_id: clientId }, body, headers);
        return http.send(
          as.token_endpoint ?? '',
          { method: 'POST', headers: Object.fromEntries(headers), body: body.toString() },
          what,
        );
      }),
      map(({ status, body }) => {
        const answer = parseJson(body.toString('utf8'), 32);
        const token = status === 200 && isObject(answer) ? answer['id_token'] : undefined;
        if (typeof token !== 'string') throw unauthorized(`${what} was refused by the issuer`);
        return token;
      }),
    );

  const claimsOf = (token: string, nonce: string): Observable<SignedIn> =>
    checkJwt(token, headerOf(token), issuer, keys, [clientId]).pipe(
      map((claims) => {
        const { sub, nonce: given, aud, azp } = claims;
        if (given !== nonce) throw unauthorized(`${what} brought the ID token of another sign-in`);
        const isForOthers = Array.isArray(aud) && aud.length > 1;
        if ((isForOthers || azp !== undefined) && azp !== clientId)
          throw unauthorized(`${what} brought an ID token for another application`);
        if (typeof sub !== 'string' || sub === '') throw unauthorized(`${what} named nobody`);
        return { ...claims, sub };
      }),
    );

  return {
    begin: (back) =>
      metadata().pipe(
        map(({ authorization_endpoint: endpoint }) => {
          if (endpoint === undefined) throw unauthorized('The issuer has no authorization endpoint');
          const url = http.checked(endpoint, 'The authorization endpoint of the issuer');
          return codeRequestUrl(url, clientId, back, { scope: scopes.join(' '), nonce: back.nonce });
        }),
      ),
    finish: (parameters, back) =>
      metadata().pipe(
        switchMap((as) =>
          checkedAnswer(http, as, clientId, parameters, back.state, what).pipe(
            switchMap((checked) => idToken(as, checked.get('code') ?? '', back)),
          ),
        ),
        switchMap((token) => claimsOf(token, back.nonce)),
      ),
  };
};

const headerOf = (token: string): JWTHeaderParameters => {
  try {
    return decodeProtectedHeader(token) as JWTHeaderParameters;
  } catch {
    throw unauthorized(`${what} brought no ID token`); // the reason might quote it
  }
};
