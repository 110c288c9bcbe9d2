import {
  catchError,
  combineLatest,
  concat,
  defer,
  finalize,
  map,
  of,
  switchMap,
  type Observable,
} from 'rxjs';
import type { NetworkSettings } from '../../config/networkSettings.js';
import type { OAuthSettings } from '../../config/oauthSettings.js';
import type { ConnectLink } from '../../protocol/connect/connectLink.js';
import type { GrantRecord, GrantStore, KnownClient } from '../../streams/grants.js';
import { addressPolicy, type AddressPolicy } from './addressPolicy.js';
import { authorizationUrl } from './authorizationUrl.js';
import { challenges, type Challenge } from './challenges.js';
import { checkedAnswer } from './checkedAnswer.js';
import { chooseScopes } from './chooseScopes.js';
import type { WayBack } from './codeRequestUrl.js';
import { givenResource } from './givenResource.js';
import { issuerMetadata } from './issuerMetadata.js';
import { knownClient } from './knownClient.js';
import { oauthHttp, type OAuthHttp } from './oauthHttp.js';
import { pinnedIssuer } from './pinnedIssuer.js';
import { protectedResource } from './protectedResource.js';
import { tokenRequests } from './tokenRequests.js';
import type { Asked } from './tokens.js';

export interface WebConsentOptions {
  readonly settings: OAuthSettings;
  readonly rules: () => NetworkSettings;
  /** Where grants of persons are kept, and the gateway as their authorization servers know it. */
  readonly people: GrantStore;
  readonly now: () => number;
}

/** What a person was sent away with, to be known again when it comes back. */
export interface ConsentAsked extends Pick<Asked, 'issuer' | 'resource' | 'scopes'> {
  /** Whether the server says itself which authorization server it has. */
  readonly documented: boolean;
}

/** Lets a person authorize the gateway at the authorization server of a server, over two requests of its browser. */
export interface WebConsent {
  /**
   * Finds out where the person has to go, and registers the gateway there if need be.
   *
   * @param stateOf makes what the browser is to bring back. Errors: `ERR_UPSTREAM_UNAUTHORIZED`
   */
  begin(
    link: ConnectLink,
    redirectUri: string,
    stateOf: (asked: ConsentAsked) => Pick<WayBack, 'state' | 'verifier'>,
  ): Observable<URL>;
  /** Gets the token and keeps it; completes then. Errors: `TokenRefused`, `ERR_UPSTREAM_UNAUTHORIZED`, those of the store. */
  finish(
    link: ConnectLink,
    asked: ConsentAsked,
    parameters: URLSearchParams,
    back: WayBack,
  ): Observable<never>;
}

/** One at a time: it has its connections for as long as it runs. */
export const webConsent = ({ settings, rules, people, now }: WebConsentOptions): WebConsent => {
  const reaching = <T>(
    { url }: ConnectLink,
    work: (http: OAuthHttp, policy: AddressPolicy) => Observable<T>,
  ): Observable<T> =>
    defer(() => {
      const server = new URL(url ?? settings.issuer ?? '');
      const policy = addressPolicy({ server, allowedHosts: settings.allowedHosts, rules });
      const http = oauthHttp(policy);
      return work(http, policy).pipe(finalize(() => http.close()));
    });

  /** The gateway as the authorization servers of a server know it, for all persons. */
  const sharedKey = ({ server, url }: ConnectLink): string =>
    `pages ${JSON.stringify([server, url ?? null])}`;
  const shared = (link: ConnectLink): Observable<GrantRecord> =>
    people.read(sharedKey(link)).pipe(map((found) => found ?? { clients: {} }));

  /** What the token is for, and the scopes that the server wants. */
  const wantedOf = (http: OAuthHttp, { url, wanted }: ConnectLink) => {
    const given = givenResource(url, settings);
    if (given !== undefined) return of({ resource: given, challenged: wanted });
    const server = new URL(url ?? '');
    return challengeOf(http, server.href).pipe(
      switchMap((challenge) => {
        const challenged = wanted ?? challenge?.parameters['scope']?.split(' ').filter(Boolean);
        return protectedResource(http, server, challenge?.parameters['resource_metadata']).pipe(
          map((resource) => ({ resource, challenged })),
        );
      }),
    );
  };

  /** An authorization server, and the gateway as a client of it. */
  const partiesAt = (
    http: OAuthHttp,
    record: GrantRecord,
    { issuer, documented }: Pick<ConsentAsked, 'issuer' | 'documented'>,
    redirectUri: string,
  ) =>
    issuerMetadata(http, issuer, documented).pipe(
      switchMap((as) => {
        const registered = record.clients[as.issuer];
        return knownClient({ http, as, settings, registered, redirectUri, now }).pipe(
          map((client) => ({ as, client, isNew: client !== registered })),
        );
      }),
    );

  return {
    begin: (link, redirectUri, stateOf) =>
      reaching(link, (http, policy) =>
        combineLatest([shared(link), wantedOf(http, link)]).pipe(
          switchMap(([record, { resource, challenged }]) => {
            const { issuers, documented } = resource;
            const issuer = pinnedIssuer(link.server, settings, record, issuers) ?? issuers[0] ?? '';
            return partiesAt(http, record, { issuer, documented }, redirectUri).pipe(
              switchMap(({ as, client, isNew }) => {
                const scopes = chooseScopes({
                  configured: settings.scopes,
                  challenged,
                  supported: resource.scopes,
                  earlier: [],
                  issuer: as,
                  refreshes: true,
                });
                const asked = { issuer, resource: resource.resource, scopes, documented };
                const url = authorizationUrl(policy, as)(client, asked, { redirectUri, ...stateOf(asked) });
                const next = recordWith(record, issuer, client, settings.clientId);
                return isNew ? concat(people.write(sharedKey(link), next), of(url)) : of(url);
              }),
            );
          }),
        ),
      ),
    finish: (link, { documented, ...asked }, parameters, back) =>
      reaching(link, (http) =>
        shared(link).pipe(
          switchMap((record) => partiesAt(http, record, { ...asked, documented }, back.redirectUri)),
          switchMap(({ as, client }) =>
            checkedAnswer(http, as, client.clientId, parameters, back.state).pipe(
              switchMap((checked) =>
                tokenRequests({ http, as, client, settings, now }).forCode(asked, {
                  ...back,
                  parameters: checked,
                }),
              ),
              map((grant) => ({
                ...recordWith({ clients: {} }, as.issuer, client, settings.clientId),
                grant,
                given: now(),
              })),
            ),
          ),
          switchMap((record) => people.write(link.key, record)),
        ),
      ),
  };
};

/** Where the server's challenge leads, as it is sent to who shows nothing; undefined where it can not be had. */
const challengeOf = (http: OAuthHttp, url: string): Observable<Challenge | undefined> => {
  const headers = { accept: 'application/json, text/event-stream', 'content-type': 'application/json' };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  return http.send(url, { method: 'POST', headers, body }, 'The server').pipe(
    map((answer) =>
      answer.status === 401
        ? challenges(answer.headers['www-authenticate']).find(({ scheme }) => scheme === 'bearer')
        : undefined,
    ),
    // Its metadata are looked for where they usually are.
    catchError(() => of(undefined)),
  );
};

/** A client that was configured for one issuer must not be shown to another (SEP-2352). */
const recordWith = (
  { clients }: GrantRecord,
  issuer: string,
  client: KnownClient,
  configured: string | undefined,
): GrantRecord => ({
  clients: client.redirectUri === undefined ? clients : { ...clients, [issuer]: client },
  ...(configured !== undefined && { bound: { clientId: configured, issuer } }),
});
