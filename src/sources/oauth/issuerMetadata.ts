import { concatMap, defer, find, from, map, type Observable } from 'rxjs';
import type { AuthorizationServer } from 'oauth4webapi';
import type { OAuthHttp } from './oauthHttp.js';
import { unauthorized } from './unauthorized.js';
import { words } from './words.js';

const what = 'The metadata of the authorization server';
const oauth = '/.well-known/oauth-authorization-server';
const openid = '/.well-known/openid-configuration';

/**
 * Finds the metadata of an authorization server (RFC 8414, OpenID Connect Discovery), in the order the specification gives.
 *
 * @param issuer as the protected resource names it; the document has to name the same, letter by letter
 * @param documented false for servers of 2025-03-26: looked for at the root only, and guessed where there is none
 * @returns one. Errors: `ERR_UPSTREAM_UNAUTHORIZED`
 */
export const issuerMetadata = (
  http: OAuthHttp,
  issuer: string,
  documented: boolean,
): Observable<AuthorizationServer> =>
  defer(() => from(places(issuer, documented))).pipe(
    concatMap((place) => http.document(place, what)),
    find((document): boolean => document !== undefined),
    map((document) => {
      if (document !== undefined) return read(document, issuer);
      if (documented) throw unauthorized(`${what} can not be found`);
      return guessed(issuer);
    }),
  );

const places = (issuer: string, documented: boolean): readonly string[] => {
  if (!URL.canParse(issuer)) throw unauthorized('The issuer named by the protected resource is no URL');
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  if (!documented) return [`${origin}${oauth}`];
  if (path === '') return [`${origin}${oauth}`, `${origin}${openid}`];
  return [`${origin}${oauth}${path}`, `${origin}${openid}${path}`, `${origin}${path}${openid}`];
};

const read = (document: Readonly<Record<string, unknown>>, issuer: string): AuthorizationServer => {
  if (document['issuer'] !== issuer)
    throw unauthorized(`${what} is that of another issuer than the one it was asked of`);
  const metadata: { -readonly [K in keyof AuthorizationServer]: AuthorizationServer[K] } = { issuer };
  for (const key of endpoints) {
    const endpoint = document[key];
    if (typeof endpoint === 'string') metadata[key] = endpoint;
  }
  for (const key of lists) {
    const list = words(document[key]);
    if (list !== undefined) metadata[key] = [...list];
  }
  for (const key of flags) if (document[key] === true) metadata[key] = true;
  return metadata;
};

const endpoints = [
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'jwks_uri',
  'introspection_endpoint',
] as const;

const lists = [
  'scopes_supported',
  'grant_types_supported',
  'token_endpoint_auth_methods_supported',
  'code_challenge_methods_supported',
] as const;

const flags = [
  'client_id_metadata_document_supported',
  'authorization_response_iss_parameter_supported',
] as const;

/** Where servers of 2025-03-26 have their endpoints unless they say otherwise. PKCE was required then already. */
const guessed = (issuer: string): AuthorizationServer => ({
  issuer,
  authorization_endpoint: new URL('/authorize', issuer).href,
  token_endpoint: new URL('/token', issuer).href,
  registration_endpoint: new URL('/register', issuer).href,
  code_challenge_methods_supported: ['S256'],
});
