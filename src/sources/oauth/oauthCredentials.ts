import {
  catchError,
  concat,
  defer,
  EMPTY,
  exhaustMap,
  first,
  ignoreElements,
  map,
  of,
  switchMap,
  tap,
  throwError,
  throwIfEmpty,
  timeout,
  timer,
  type Observable,
} from 'rxjs';
import type { NetworkSettings } from '../../config/networkSettings.js';
import type { OAuthSettings } from '../../config/oauthSettings.js';
import { fromUnknown, refusal, type GatewayError } from '../../protocol/errors.js';
import { grantKey, type Grant, type GrantRecord, type GrantStore } from '../../streams/grants.js';
import type { Log } from '../../streams/log.js';
import { singleFlight } from '../singleFlight.js';
import { addressPolicy } from './addressPolicy.js';
import type { Challenge } from './challenges.js';
import type { Consent } from './consent.js';
import type { CredentialHeaders, Credentials, Refused } from './credentials.js';
import { NeedsPerson } from './needsPerson.js';
import { oauthHttp } from './oauthHttp.js';
import { obtainGrant, type Reason } from './obtainGrant.js';
import type { ProtectedResource } from './protectedResource.js';
import { unauthorized } from './unauthorized.js';

export interface OAuthCredentialsOptions {
  /** Name of the server. */
  readonly server: string;
  readonly url: string;
  readonly settings: OAuthSettings;
  /** Where the configuration lets documents lead. */
  readonly rules: () => NetworkSettings;
  readonly store: GrantStore;
  /** Who can be asked; undefined for a gateway that runs by itself. */
  readonly consent?: Consent | undefined;
  /** For the grant of one of many persons (`per_user`). */
  readonly person?: PersonsGrant;
  readonly log: Log;
  readonly now?: () => number;
}

/** A grant that several processes, and several connections of one caller, use at once. */
export interface PersonsGrant {
  /** Where it is kept. */
  readonly key: string;
  /** What the server is to its authorization server, where it does not say so itself. */
  readonly resource: ProtectedResource | undefined;
  /** Whether a refresh token may be used here now: good once, for who used it twice might lose all that came of it (OAuth 2.1, 4.3.1). */
  readonly lease: (refreshToken: string) => Observable<boolean>;
}

/** The gateway's credentials at one server, as an OAuth client. */
export interface OAuthCredentials extends Credentials {
  /** Gets a token whatever is at hand, as `challenge` (if the server sent one) wants it; completes when it is stored. */
  authorize(challenge: Challenge | undefined): Observable<never>;
}

/** A token is renewed this long before it ends: a request takes a while to arrive. */
const marginMs = 10_000;
/** So many renewals a minute; a server that refuses fresh tokens would have one made for each request. */
const maxRenewals = 4;
const windowMs = 60_000;
/** What is stored is looked at again no sooner, in milliseconds. */
const rereadMs = 1000;

/** A renewal that somebody else has begun is waited for so long, and looked for so often, in milliseconds. */
const elsewhereMs = 12_000;
const lookMs = 200;

const none: CredentialHeaders = [];

/**
 * Speaks to a server with tokens of its authorization servers (2026-07-28 and 2025-11-25: basic/authorization; 2025-03-26 where the
 * server is that old).
 *
 * Nothing is fetched before the server asks for it by a 401, or a stored token ends. All requests share one renewal.
 */
export const oauthCredentials = (options: OAuthCredentialsOptions): OAuthCredentials => {
  const { server, settings, store, log, person, now = Date.now } = options;
  const url = new URL(options.url);
  const policy = addressPolicy({ server: url, allowedHosts: settings.allowedHosts, rules: options.rules });
  const http = oauthHttp(policy);
  const resource = person?.resource;
  const obtaining = { server, url, settings, http, policy, consent: options.consent, resource, now };
  const key = person?.key ?? grantKey(server, options.url);

  /** What a person has granted has to last; the gateway's own tokens are had again at any time, and stay out of files. */
  const isShared = settings.grant !== 'client_credentials';

  let record: GrantRecord = { clients: {} };
  /** The header of the grant in `record`. */
  let headers = none;
  let readAt = -Infinity;
  let renewals: number[] = [];
  let failure: GatewayError | undefined;
  let reason: Reason = { kind: 'expired' };

  const take = (next: GrantRecord): void => {
    if (next.grant?.accessToken !== record.grant?.accessToken) headers = headersOf(next.grant);
    record = next;
  };

  /** Sees what others, `sluice authorize` or another gateway, have stored. */
  const reread = (): Observable<unknown> =>
    defer(() => {
      readAt = now();
      return store.read(key).pipe(
        tap((stored) => {
          if (stored !== undefined) take(isShared ? stored : { ...stored, ...pick(record) });
        }),
      );
    });

  const keep = (next: GrantRecord): Observable<never> =>
    defer(() => {
      const { grant: _grant, ...rest } = next;
      const isKnown = settings.issuer !== undefined || rest.bound?.issuer === record.bound?.issuer;
      take(next);
      if (isShared) return store.write(key, next);
      return isKnown ? EMPTY : store.write(key, rest);
    }).pipe(
      catchError((error: unknown) => {
        // The token is good all the same; it has to be fetched again after a restart.
        log.warn(
          { event: 'grant_not_stored', server, code: (error as { code?: unknown }).code },
          'A token could not be stored',
        );
        return [];
      }),
    );

  const isValid = ({ expiresAt = Infinity }: Grant): boolean => expiresAt > now();
  const isFresh = ({ expiresAt = Infinity }: Grant): boolean => expiresAt - marginMs > now();

  const obtained = (why: Reason): Observable<CredentialHeaders> =>
    obtainGrant(obtaining, record, why).pipe(
      switchMap((next) =>
        concat(
          keep(next),
          defer(() => of(headers)),
        ),
      ),
      tap(() => {
        failure = undefined;
        if (record.grant !== undefined)
          log.info({ event: 'token_obtained', server, reason: why.kind }, 'Got a token for the server');
      }),
    );

  /** @param before the headers of the grant that is being renewed */
  const renewedElsewhere = (before: CredentialHeaders): Observable<CredentialHeaders> =>
    timer(0, lookMs).pipe(
      exhaustMap(() => reread()),
      map(() => headers),
      first((found) => found !== before && found !== none),
      timeout({
        first: elsewhereMs,
        with: () =>
          throwError(() => unauthorized(`The token for the server "${server}" was not renewed in time`)),
      }),
    );

  /** Forgets what is good for nothing any more, unless somebody has put something better in its place. */
  const forget = (): Observable<never> =>
    defer(() => {
      const { grant, ...rest } = record;
      if (person === undefined || grant === undefined) return EMPTY;
      take(rest);
      return store.read(key).pipe(
        switchMap((stored) =>
          stored?.grant?.accessToken === grant.accessToken ? store.write(key, rest) : EMPTY,
        ),
        // Then it is found out again with the next call.
        catchError(() => EMPTY),
      );
    });

  const renewal = singleFlight((): Observable<CredentialHeaders> => {
    const why = reason;
    const before = headers;
    const renewed = defer(() => {
      const { grant } = record;
      // Somebody else was faster.
      if (why.kind !== 'asked' && headers !== before && grant !== undefined && isFresh(grant))
        return of(headers);
      spend(why);
      const { refreshToken } = grant ?? {};
      if (person === undefined || refreshToken === undefined || why.kind === 'scope') return obtained(why);
      return person
        .lease(refreshToken)
        .pipe(switchMap((isMine) => (isMine ? obtained(why) : renewedElsewhere(before))));
    });
    return reread().pipe(
      switchMap(() => renewed),
      throwIfEmpty(() => new NeedsPerson(server)),
      catchError((error: unknown) => {
        const known = fromUnknown(error);
        // Whoever asks for the server's offer comes again and again: once is enough in the log.
        // That a person has to be asked is no failure.
        const isAsked = person !== undefined && known instanceof NeedsPerson;
        const level = isAsked || failure?.message === known.message ? 'debug' : 'warn';
        log[level]({ event: 'token_failed', server, reason: why.kind }, known.message);
        failure = known;
        const wanted = known instanceof NeedsPerson ? known.wanted : undefined;
        const failed = throwError(() => known);
        if (known instanceof NeedsPerson && wanted === undefined) return concat(forget(), failed);
        const isKept = wanted === undefined || wanted.join(' ') === record.wanted?.join(' ');
        return isKept ? failed : concat(keep({ ...record, wanted }), failed);
      }),
    );
  });

  /** Counts a renewal; fails where there have been too many. */
  const spend = ({ kind }: Reason): void => {
    const time = now();
    renewals = renewals.filter((at) => time - at < windowMs);
    if (renewals.length >= maxRenewals && kind !== 'asked')
      throw failure ?? unauthorized(`The server "${server}" refuses the tokens it wants`);
    renewals.push(time);
  };

  const renewFor = (why: Reason): Observable<CredentialHeaders> => {
    reason = why;
    return renewal.run();
  };

  /** Worth it only if more is asked for than before: otherwise the answer would be the same. */
  const stepsUp = (challenge: Challenge): boolean => {
    const scopes = challenge.parameters['scope']?.split(' ').filter(Boolean) ?? [];
    return (
      settings.scopes === undefined && scopes.some((scope) => record.grant?.scopes.includes(scope) !== true)
    );
  };

  return {
    headers() {
      const { grant } = record;
      if (grant !== undefined && isFresh(grant)) return headers;
      if (grant === undefined && person === undefined && now() - readAt < rereadMs) return none;
      return reread().pipe(
        switchMap(() => {
          const { grant: stored } = record;
          if (stored === undefined) return of(none);
          if (isFresh(stored)) return of(headers);
          return renewFor({ kind: 'expired' }).pipe(
            // It was too early to renew it; perhaps it goes better the next time.
            catchError((error: unknown) =>
              isValid(stored) ? of(headersOf(stored)) : throwError(() => error),
            ),
          );
        }),
      );
    },
    renew({ status, challenges, sent }: Refused) {
      const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
      const { grant } = record;
      if (sent !== headers && grant !== undefined && isFresh(grant)) return of(headers);
      if (status === 401) return renewFor({ kind: 'refused', challenge: bearer });
      if (bearer?.parameters['error'] !== 'insufficient_scope' || !stepsUp(bearer)) return undefined;
      return renewFor({ kind: 'scope', challenge: bearer });
    },
    authorize: (challenge) => renewFor({ kind: 'asked', challenge }).pipe(ignoreElements()),
    close() {
      renewal.stop(refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend is closed'));
      http.close();
    },
  };
};

const headersOf = (grant: Grant | undefined): CredentialHeaders =>
  grant === undefined ? none : ['authorization', `Bearer ${grant.accessToken}`];

const pick = ({ grant }: GrantRecord): Pick<GrantRecord, 'grant'> => (grant === undefined ? {} : { grant });
