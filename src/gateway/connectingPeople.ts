import { createHash, randomUUID } from 'node:crypto';
import { defer, map, type Observable } from 'rxjs';
import type { IssuerSettings } from '../config/authSettings.js';
import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import type { ConnectLink, LinkOwner } from '../protocol/connect/connectLink.js';
import { connectRounds } from '../protocol/connect/connectRound.js';
import { connectMs, connectSeals } from '../protocol/connect/connectSeals.js';
import type { Secrets } from '../protocol/sealer.js';
import { connectPaths } from '../sources/connect/connectFlow.js';
import { fromConnectPages } from '../sources/connect/fromConnectPages.js';
import type { RequestFeed } from '../sources/http/requestFeed.js';
import { IssuerKeys } from '../sources/identity/issuerKeys.js';
import type { ConnectDesk } from '../sources/oauth/connectDesk.js';
import type { PersonsGrant } from '../sources/oauth/oauthCredentials.js';
import { signIn, type SignIn } from '../sources/oauth/signIn.js';
import { unauthorized } from '../sources/oauth/unauthorized.js';
import { webConsent } from '../sources/oauth/webConsent.js';
import type { Caller } from '../streams/caller.js';
import { ConnectWaits } from '../streams/connectWaits.js';
import type { Counters } from '../streams/counters.js';
import type { CompletedElicitation } from '../streams/elicitations.js';
import type { GrantStore } from '../streams/grants.js';
import type { Identify } from '../streams/identify.js';
import { select, type Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import { prompted } from '../streams/prompted.js';
import { guardOf } from './guardOf.js';
import { publicOrigin } from './publicOrigin.js';

export interface ConnectingPeopleOptions {
  readonly settings: Latest<Settings>;
  readonly keys: Latest<Secrets>;
  readonly people: GrantStore;
  /** Remember for all processes and instances what is good once. */
  readonly counters: Counters;
  readonly log: Log;
}

/** What is needed where persons let the gateway use servers in their names (`grant: per_user`). */
export interface ConnectingPeople {
  /** Where callers are sent who have to agree. */
  readonly desk: ConnectDesk;
  readonly lease: PersonsGrant['lease'];
  /** The pages that are done, of those that sessions were sent to. For one subscriber. */
  readonly completed$: Observable<CompletedElicitation>;
  /** Serves the pages; gives the other requests. */
  pages(requests: RequestFeed, identify: Identify): RequestFeed;
  close(): void;
}

/** How often it is looked whether a person has agreed at another instance, in milliseconds. */
const lookMs = 1000;
/** A refresh token is somebody's for so long, in milliseconds: longer than its use takes. */
const leaseMs = 12_000;

/** Wires pages, grants and who waits for them to the settings of the moment. */
export const connectingPeople = (options: ConnectingPeopleOptions): ConnectingPeople => {
  const { settings, keys, people, counters, log } = options;
  const seals = select(keys, (current) => connectSeals(current));
  const waits = new ConnectWaits({
    people,
    lookMs,
    ttlMs: connectMs,
    max: limits.waitingPages,
    maxPerGrant: limits.waitingPagesPerGrant,
  });
  const signIns = new Map<string, SignInPlace>();

  const once = (word: string, windowMs: number): Observable<boolean> =>
    defer(() => prompted(counters.take(word, 1, { max: 1, windowMs, kind: 'bucket' }))).pipe(
      map(({ allowed }) => allowed),
    );

  const signInAt = (name: string): SignIn | undefined => {
    const issuer = settings.current.auth?.issuers.find((each) => each.issuer === name);
    if (issuer?.signIn === undefined) return undefined;
    const known = signIns.get(name);
    if (known?.issuer === issuer) return known.place;
    known?.keys.close();
    const issuerKeys = new IssuerKeys(
      issuer,
      () => undefined,
      () => settings.current.network,
    );
    const place = signIn(issuer, issuer.signIn, issuerKeys);
    signIns.set(name, { issuer, keys: issuerKeys, place });
    return place;
  };

  const personal = (name: string) => {
    const server = settings.current.servers.find((each) => each.name === name);
    return server?.type !== 'stdio' && server?.oauth?.grant === 'per_user' ? server.oauth : undefined;
  };

  return {
    desk: {
      ask: ({ asked: { server, url, key, wanted } }, caller) =>
        defer(() => {
          const { id: principalId, clientId } = caller.principal;
          const owner = ownerOf(caller, server, settings.current);
          const link: ConnectLink = { server, url, key, principalId, owner, clientId, wanted };
          const origin = publicOrigin(settings.current)(caller.origin.headers);
          return people.read(key).pipe(
            map((record) => ({
              server,
              key,
              principalId,
              before: record?.given,
              elicitationId: randomUUID(),
              url: origin + connectPaths.root + seals.current.links.seal(link),
            })),
          );
        }),
      tell: (asked) => waits.tell(asked),
      until: (key, before) => waits.until(key, before),
      rounds: () => connectRounds(seals.current.rounds),
    },
    lease: (refreshToken) =>
      once(`renewal ${createHash('sha256').update(refreshToken).digest('base64url')}`, leaseMs),
    completed$: waits.completed$,
    pages: (requests, identify) =>
      fromConnectPages(requests, {
        isOpen: () => settings.current.servers.some(({ name }) => personal(name) !== undefined),
        guard: () => guardOf(settings.current),
        originOf: (headers) => publicOrigin(settings.current)(headers),
        seals: () => seals.current,
        consentAt(name) {
          const oauth = personal(name);
          const rules = () => settings.current.network;
          return oauth && webConsent({ settings: oauth, rules, people, now: Date.now });
        },
        signInAt,
        takesKeys: () => settings.current.auth?.apiKeySignIn === true,
        identify,
        once: (word) => once(word, 2 * connectMs),
        given: (key) => waits.given(key),
        log,
      }),
    close() {
      for (const { keys: each } of signIns.values()) each.close();
    },
  };
};

interface SignInPlace {
  readonly issuer: IssuerSettings;
  readonly keys: IssuerKeys;
  readonly place: SignIn;
}

/**
 * How a caller shows at a browser that it is the one who called. Who can not is sent nowhere: anybody could open a page, and let the
 * caller use what is his (phishing).
 */
const ownerOf = ({ principal, origin }: Caller, server: string, { auth }: Settings): LinkOwner => {
  const { method, claims } = principal;
  const { iss, sub } = claims;
  const isPerson = method === 'jwt' || method === 'introspection';
  if (isPerson && typeof iss === 'string' && typeof sub === 'string') {
    const issuer = auth?.issuers.find((each) => each.issuer === iss);
    if (issuer?.signIn !== undefined) return { by: 'issuer', issuer: iss, subject: sub };
  }
  if (method === 'api_key' && auth?.apiKeySignIn === true) return { by: 'key', namespace: origin.namespace };
  throw unauthorized(
    `The server "${server}" is used in the name of persons who agree at a browser, and this caller can not show there who it is: log in with a token of an issuer that has a \`sign_in\``,
  );
};
