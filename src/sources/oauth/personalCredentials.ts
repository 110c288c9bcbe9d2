import { createHash } from 'node:crypto';
import { catchError, isObservable, map, throwError, type Observable } from 'rxjs';
import type { NetworkSettings } from '../../config/networkSettings.js';
import type { OAuthSettings } from '../../config/oauthSettings.js';
import type { Caller } from '../../streams/caller.js';
import type { GrantStore } from '../../streams/grants.js';
import { holderOf } from '../../streams/holderOf.js';
import type { Log } from '../../streams/log.js';
import type { CredentialSource } from './callCredentials.js';
import type { Consent } from './consent.js';
import { ConnectRequired } from './connectRequired.js';
import type { CredentialHeaders, Credentials } from './credentials.js';
import { givenResource } from './givenResource.js';
import { NeedsPerson } from './needsPerson.js';
import { oauthCredentials, type PersonsGrant } from './oauthCredentials.js';
import { unauthorized } from './unauthorized.js';

export interface PersonalCredentialsOptions {
  /** Name of the server. */
  readonly server: string;
  /** Its address where that is its identifier as a resource, as for MCP servers. */
  readonly url: string | undefined;
  readonly settings: OAuthSettings;
  readonly rules: () => NetworkSettings;
  /** Where an operator's grant is kept, for what the gateway does in its own name. */
  readonly grants: GrantStore;
  /** Who can be asked for that; undefined for a gateway that runs by itself. */
  readonly consent: Consent | undefined;
  /** Where those of persons are kept. */
  readonly people: GrantStore;
  readonly lease: PersonsGrant['lease'];
  readonly log: Log;
}

/**
 * The credentials for a server that each person lets the gateway use for itself. A call of somebody who has not agreed, or not to enough,
 * fails with {@link ConnectRequired} before anything is sent.
 *
 * What the gateway does for all, it does by the grant of `sluice authorize`, or without a token where the server lets it.
 */
export const personalCredentials = (options: PersonalCredentialsOptions): CredentialSource => {
  const { server, url, settings, rules, grants, consent, people, lease, log } = options;
  const resource = givenResource(url, settings);
  const base = { server, url: url ?? settings.issuer ?? '', settings, rules, log };
  return {
    own: oauthCredentials({ ...base, store: grants, consent }),
    ofCaller(_seat, caller) {
      // Only when it first calls it is known who acts for it.
      let known: Credentials | undefined;
      const first = (): Credentials => {
        const now = caller();
        if (now === undefined) throw unauthorized('The caller has left');
        const key = keyOf(server, url, now.principal);
        const own = oauthCredentials({ ...base, store: people, person: { key, resource, lease } });
        return asking(own, (wanted) => new ConnectRequired({ server, url, key, wanted }));
      };
      const mine = (): Credentials => (known ??= first());
      return {
        headers: () => mine().headers(),
        renew: (refused) => mine().renew(refused),
        close: () => known?.close(),
      };
    },
    close: () => undefined,
  };
};

/** Whose grant it is: a person's, at one server. */
const keyOf = (server: string, url: string | undefined, principal: Caller['principal']): string =>
  `person ${createHash('sha256')
    .update(JSON.stringify([server, url ?? null, ...holderOf(principal)]))
    .digest('base64url')}`;

const asking = (own: Credentials, required: (wanted?: readonly string[]) => ConnectRequired): Credentials => {
  const mapped = (headers$: Observable<CredentialHeaders>): Observable<CredentialHeaders> =>
    headers$.pipe(
      map((headers) => {
        if (headers.length === 0) throw required();
        return headers;
      }),
      catchError((error: unknown) =>
        throwError(() => (error instanceof NeedsPerson ? required(error.wanted) : error)),
      ),
    );
  return {
    headers() {
      const headers = own.headers();
      if (isObservable(headers)) return mapped(headers);
      if (headers.length === 0) throw required();
      return headers;
    },
    renew(refused) {
      const headers$ = own.renew(refused);
      return headers$ && mapped(headers$);
    },
    close: () => own.close(),
  };
};
