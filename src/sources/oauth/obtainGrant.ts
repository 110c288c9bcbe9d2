import { catchError, defer, map, of, switchMap, throwError, type Observable } from 'rxjs';
import type { AuthorizationServer } from 'oauth4webapi';
import type { OAuthSettings } from '../../config/oauthSettings.js';
import type { Grant, GrantRecord, KnownClient } from '../../streams/grants.js';
import type { AddressPolicy } from './addressPolicy.js';
import { authorizeByCode } from './authorizeByCode.js';
import type { Challenge } from './challenges.js';
import { chooseScopes } from './chooseScopes.js';
import type { Consent } from './consent.js';
import { issuerMetadata } from './issuerMetadata.js';
import { knownClient } from './knownClient.js';
import { NeedsPerson } from './needsPerson.js';
import type { OAuthHttp } from './oauthHttp.js';
import { pinnedIssuer } from './pinnedIssuer.js';
import { protectedResource, type ProtectedResource } from './protectedResource.js';
import { TokenRefused } from './tokenRefused.js';
import { tokenRequests } from './tokenRequests.js';

/** Why a token is wanted. */
export type Reason =
  /** The one at hand has run out. */
  | { readonly kind: 'expired' }
  /** The server has refused what it was sent (401). */
  | { readonly kind: 'refused'; readonly challenge: Challenge | undefined }
  /** The server wants more scopes (403). */
  | { readonly kind: 'scope'; readonly challenge: Challenge }
  /** A person wants to authorize the gateway, whatever it holds. */
  | { readonly kind: 'asked'; readonly challenge: Challenge | undefined };

export interface ObtainGrantOptions {
  readonly server: string;
  readonly url: URL;
  readonly settings: OAuthSettings;
  readonly http: OAuthHttp;
  readonly policy: AddressPolicy;
  readonly consent: Consent | undefined;
  /** What the server is to its authorization server, where it does not say so itself. */
  readonly resource?: ProtectedResource | undefined;
  readonly now: () => number;
}

/** Gets a token by what is known; emits the record with it. Errors: `ERR_UPSTREAM_UNAUTHORIZED`, {@link NeedsPerson}. */
export const obtainGrant = (
  options: ObtainGrantOptions,
  record: GrantRecord,
  reason: Reason,
): Observable<GrantRecord> => {
  const { http, url, settings, now } = options;

  const refresh = (as: AuthorizationServer, grant: Grant, refreshToken: string): Observable<GrantRecord> =>
    knownClient({
      http,
      as,
      settings,
      registered: record.clients[as.issuer],
      redirectUri: undefined,
      now,
    }).pipe(
      switchMap((client) => tokenRequests({ http, as, client, settings, now }).refresh(grant, refreshToken)),
      map((fresh) => ({ ...record, grant: fresh })),
    );

  /** A grant that does not build on the one before. */
  const anew = (
    as: AuthorizationServer,
    { resource, scopes: supported }: ProtectedResource,
  ): Observable<GrantRecord> => {
    const byCode = settings.grant !== 'client_credentials';
    const before = record.grant?.issuer === as.issuer ? record.grant.scopes : [];
    const scopes = chooseScopes({
      configured: settings.scopes,
      challenged:
        'challenge' in reason ? reason.challenge?.parameters['scope']?.split(' ').filter(Boolean) : undefined,
      supported,
      // Asked for again after a 401, the server's word of now counts: what it no longer names may not exist any more.
      earlier: reason.kind === 'scope' ? before : (record.wanted ?? []),
      issuer: as,
      refreshes: byCode,
    });
    const asked = { issuer: as.issuer, resource, scopes };
    const registered = record.clients[as.issuer];
    if (!byCode)
      return knownClient({ http, as, settings, registered, redirectUri: undefined, now }).pipe(
        switchMap((client) => tokenRequests({ http, as, client, settings, now }).forClient(asked)),
        map((grant) => ({ ...bound(as), grant })),
      );
    const { consent } = options;
    if (consent === undefined)
      throw new NeedsPerson(options.server, reason.kind === 'scope' ? scopes : undefined);
    return authorizeByCode({ ...options, as, registered, consent }, asked).pipe(
      map(({ grant, client }) => ({ ...remembering(bound(as), as, client), grant })),
    );
  };

  /** The record before its new grant. A client that was configured for one issuer must not be shown to another (SEP-2352). */
  const bound = (as: AuthorizationServer): GrantRecord => {
    const { grant: _old, wanted: _wanted, ...rest } = record;
    const { clientId } = settings;
    return clientId === undefined ? rest : { ...rest, bound: { clientId, issuer: as.issuer } };
  };

  const admit = (issuers: readonly string[]): string => {
    const pinned = pinnedIssuer(options.server, settings, record, issuers);
    if (pinned !== undefined) return pinned;
    const known = record.grant?.issuer;
    return known !== undefined && issuers.includes(known) ? known : (issuers[0] as string);
  };

  /** From before the configuration changed: its issuer must not be shown the client that is configured now. */
  const isForeign = ({ issuer }: Grant): boolean =>
    (settings.issuer !== undefined && settings.issuer !== issuer) ||
    (settings.clientId !== undefined && settings.clientId !== record.bound?.clientId);

  const discovered = (challenge: Challenge | undefined): Observable<GrantRecord> =>
    (options.resource === undefined
      ? protectedResource(http, url, challenge?.parameters['resource_metadata'])
      : of(options.resource)
    ).pipe(
      switchMap((resource) => {
        const issuer = admit(resource.issuers);
        return issuerMetadata(http, issuer, resource.documented).pipe(
          switchMap((as) => {
            const { grant } = record;
            // What one issuer gave is for it alone; and a refresh brings no scope that was not granted before.
            const renews =
              reason.kind === 'refused' &&
              grant?.issuer === as.issuer &&
              grant.resource === resource.resource;
            if (!renews || grant.refreshToken === undefined) return anew(as, resource);
            return refresh(as, grant, grant.refreshToken).pipe(
              catchError((error: unknown) =>
                error instanceof TokenRefused ? anew(as, resource) : throwError(() => error),
              ),
            );
          }),
        );
      }),
    );

  return defer(() => {
    if (reason.kind !== 'expired') return discovered(reason.challenge);
    const { grant } = record;
    const { grant: _spent, ...without } = record;
    // Without a refresh token the server is asked again, and its challenge says how to go on.
    if (grant?.refreshToken === undefined || isForeign(grant)) return of(without);
    const { refreshToken } = grant;
    const metadata = (documented: boolean) => issuerMetadata(http, grant.issuer, documented);
    const sameOrigin = new URL(grant.issuer).origin === url.origin;
    return metadata(true).pipe(
      // It may be one of 2025-03-26, whose metadata is nowhere.
      catchError((error: unknown) => (sameOrigin ? metadata(false) : throwError(() => error))),
      switchMap((as) => refresh(as, grant, refreshToken)),
      catchError((error: unknown) => (error instanceof TokenRefused ? of(without) : throwError(() => error))),
    );
  });
};

/** More issuers than a server ever moves between. */
const maxClients = 8;

const remembering = (record: GrantRecord, as: AuthorizationServer, client: KnownClient): GrantRecord => {
  if (client.redirectUri === undefined) return record;
  const others = Object.entries(record.clients).filter(([issuer]) => issuer !== as.issuer);
  return {
    ...record,
    clients: Object.fromEntries([...others.slice(1 - maxClients), [as.issuer, client]]),
  };
};
