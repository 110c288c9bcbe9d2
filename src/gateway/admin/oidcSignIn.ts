import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { firstValueFrom } from 'rxjs';
import type { OidcSettings } from '../../config/adminSettings.js';
import type { Settings } from '../../config/settings.js';
import { fromUnknown } from '../../protocol/errors.js';
import { claimAt, textClaim, wordsClaim } from '../../protocol/identity/claims.js';
import { IssuerKeys } from '../../sources/identity/issuerKeys.js';
import { signIn, type SignedIn, type SignIn, type SignInWayBack } from '../../sources/oauth/signIn.js';
import type { Latest } from '../../streams/latest.js';
import { ApiError } from './apiError.js';
import { cookieName } from './cookieName.js';
import { cookieOf } from './cookieOf.js';
import type { Entry } from './entry.js';
import { oidcBy } from './oidcBy.js';
import type { Person } from './person.js';
import type { ApiAnswer } from './route.js';
import { setCookie } from './setCookie.js';

export interface OidcSignInOptions {
  readonly settings: Latest<Settings>;
  readonly entry: Entry;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Sign-in with an account at an OpenID provider (OpenID Connect Core, 3.1). */
export interface OidcSignIn {
  /** Answers `/sign-in/oidc` and the way back. Rejects with an `ApiError`; undefined for another path. */
  answer(path: string, request: IncomingMessage): Promise<ApiAnswer | undefined>;
  close(): void;
}

interface Way extends SignInWayBack {
  /** What the browser holds that has begun it: a way that somebody else has begun is not gone on with. */
  readonly browser: string;
  readonly begunAt: number;
}

const paths = { begin: '/sign-in/oidc', back: '/sign-in/oidc/callback' } as const;
/** Time for a person to sign in at the provider, in milliseconds. */
const wayMs = 10 * 60_000;
/** Ways at a time; the one begun first makes room. */
const maxWays = 1000;

export const oidcSignIn = ({ settings, entry, now }: OidcSignInOptions): OidcSignIn => {
  /** By state. */
  const ways = new Map<string, Way>();
  let provider: { readonly of: OidcSettings; readonly keys: IssuerKeys; readonly place: SignIn } | undefined;

  const current = (): { readonly oidc: OidcSettings; readonly place: SignIn } => {
    const { oidc } = settings.current.admin;
    if (oidc === undefined)
      throw new ApiError('ERR_NOT_FOUND', 'There is no sign-in with an account: see admin.oidc');
    if (provider?.of !== oidc) {
      provider?.keys.close();
      const keys = new IssuerKeys(
        oidc.issuer,
        () => undefined,
        () => settings.current.network,
      );
      provider = { of: oidc, keys, place: signIn(oidc.issuer, oidc.client, keys) };
    }
    return { oidc, place: provider.place };
  };

  const begin = async (request: IncomingMessage): Promise<ApiAnswer> => {
    const { place } = current();
    const [state, nonce, verifier, browser] = [secret(), secret(), secret(), secret()];
    const origin = settings.current.admin.publicOrigin ?? `http://${request.headers.host ?? ''}`;
    const way: Way = { state, nonce, verifier, browser, redirectUri: origin + paths.back, begunAt: now() };
    const [first] = ways.keys();
    if (ways.size >= maxWays && first !== undefined) ways.delete(first);
    const url = await firstValueFrom(place.begin(way));
    ways.set(state, way);
    return away(url.href, [cookie(request, browser, wayMs / 1000)]);
  };

  const back = async (request: IncomingMessage): Promise<ApiAnswer> => {
    const { oidc, place } = current();
    const parameters = new URL(request.url ?? '', 'http://localhost').searchParams;
    const state = parameters.get('state') ?? '';
    const way = ways.get(state);
    // Good once, whatever comes of it.
    ways.delete(state);
    const browser = cookieOf(request, nameOf(request)) ?? '';
    if (way === undefined || now() - way.begunAt > wayMs || !isSame(way.browser, browser))
      throw new ApiError(
        'ERR_FORBIDDEN',
        'This sign-in has not begun in this browser, or took too long: begin anew at /',
      );
    const claims = await firstValueFrom(place.finish(parameters, way));
    const person = personOf(claims, oidc, oidcBy(settings.current.admin));
    return away('/', [entry.admit(request, person), cookie(request, '', 0)]);
  };

  const nameOf = (request: IncomingMessage): string => cookieName('way', request, entry.isSecure);
  const cookie = (request: IncomingMessage, value: string, maxAgeS: number): string =>
    setCookie({ name: nameOf(request), value, sameSite: 'Lax', secure: entry.isSecure, maxAgeS });

  return {
    async answer(path, request) {
      if (path !== paths.begin && path !== paths.back) return undefined;
      try {
        return await (path === paths.begin ? begin(request) : back(request));
      } catch (error) {
        if (path === paths.back) entry.refused('oidc', request);
        if (error instanceof ApiError) throw error;
        const known = fromUnknown(error);
        if (known.code === 'ERR_INTERNAL') throw error;
        // Written for people, without addresses and secrets.
        throw new ApiError('ERR_CREDENTIAL_INVALID', `${known.message}. Begin anew at /`);
      }
    },
    close() {
      provider?.keys.close();
      ways.clear();
    },
  };
};

const secret = (): string => randomBytes(32).toString('base64url');

const isSame = (known: string, given: string): boolean =>
  known.length === given.length && timingSafeEqual(Buffer.from(known), Buffer.from(given));

const away = (location: string, cookies: readonly string[]): ApiAnswer => ({
  status: 303,
  headers: { location, 'set-cookie': cookies },
});

const personOf = (
  claims: SignedIn,
  { issuer, roles, hasTenants, allTenants }: OidcSettings,
  by: string,
): Person => {
  const user = textClaim(claims, issuer.claims.user) ?? claims.sub;
  const words = wordsClaim(claims, issuer.claims.roles);
  const has = (wanted: readonly string[]): boolean =>
    wanted.some((word) => word === '*' || words.includes(word));
  const role = has(roles.admin) ? 'admin' : has(roles.viewer) ? 'viewer' : undefined;
  if (role === undefined)
    throw new ApiError('ERR_FORBIDDEN', 'Your account has no role for this console: see admin.oidc.roles');
  const tenant = hasTenants ? textClaim(claims, issuer.claims.tenant) : undefined;
  // A tenant that is not there or can't be read must not become all of them.
  const isNamed = claimAt(claims, issuer.claims.tenant) !== undefined;
  if (hasTenants && tenant === undefined && (isNamed || !has(allTenants)))
    throw new ApiError(
      'ERR_FORBIDDEN',
      isNamed
        ? 'The tenant of your account is no plain name: see admin.oidc.tenant_claim'
        : 'Your account names no tenant: see admin.oidc.tenant_claim and roles.all_tenants',
    );
  return { user, role, ...(tenant !== undefined && { tenant }), method: 'oidc', by };
};
