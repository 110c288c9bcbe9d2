import { concatMap, defer, find, from, map, type Observable } from 'rxjs';
import type { OAuthHttp } from './oauthHttp.js';
import { unauthorized } from './unauthorized.js';
import { words } from './words.js';

/** What a server says of itself as an OAuth resource (RFC 9728). */
export interface ProtectedResource {
  /** Its identifier, exactly as published: sent along as `resource` (RFC 8707). */
  readonly resource: string;
  /** Its authorization servers; never empty. */
  readonly issuers: readonly string[];
  readonly scopes: readonly string[] | undefined;
  /** False for a server that publishes no such document: one of 2025-03-26, which is its own authorization server. */
  readonly documented: boolean;
}

const what = 'The metadata of the protected resource';
const wellKnown = '/.well-known/oauth-protected-resource';
/** More than any server has. */
const maxIssuers = 16;

/**
 * Finds the metadata of a server as a protected resource: where its challenge says, else at the well-known places, first with the
 * server's path, then without.
 *
 * @param named `resource_metadata` of the challenge
 * @returns one. Errors: `ERR_UPSTREAM_UNAUTHORIZED`, also for a document about another resource
 */
export const protectedResource = (
  http: OAuthHttp,
  server: URL,
  named: string | undefined,
): Observable<ProtectedResource> =>
  defer(() => {
    const path = server.pathname === '/' ? '' : server.pathname;
    const places = [
      ...(named === undefined ? [] : [named]),
      ...(path === '' ? [] : [`${server.origin}${wellKnown}${path}`]),
      `${server.origin}${wellKnown}`,
    ];
    return from([...new Set(places)]);
  }).pipe(
    concatMap((place) => http.document(place, what)),
    find((document): boolean => document !== undefined),
    map((document) => (document === undefined ? undocumented(server) : read(document, server))),
  );

const undocumented = (server: URL): ProtectedResource => ({
  resource: server.pathname === '/' ? server.origin : `${server.origin}${server.pathname}`,
  issuers: [server.origin],
  scopes: undefined,
  documented: false,
});

const read = (document: Readonly<Record<string, unknown>>, server: URL): ProtectedResource => {
  const { resource, authorization_servers: issuers, scopes_supported: scopes } = document;
  // A token for somebody else's resource must not be asked for, let alone be sent here (RFC 9728, 3.3).
  if (typeof resource !== 'string' || !covers(resource, server))
    throw unauthorized(`${what} is about another resource than this server`);
  const named = words(issuers)?.slice(0, maxIssuers) ?? [];
  if (named.length === 0) throw unauthorized(`${what} names no authorization server`);
  return { resource, issuers: named, scopes: words(scopes), documented: true };
};

/** The server itself, or something of the same origin that its path lies below. */
const covers = (resource: string, server: URL): boolean => {
  if (!URL.canParse(resource)) return false;
  const { origin, pathname, hash } = new URL(resource);
  const base = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return origin === server.origin && hash === '' && `${server.pathname}/`.startsWith(base);
};
