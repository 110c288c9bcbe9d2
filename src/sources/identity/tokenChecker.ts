import { hash } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters } from 'jose';
import {
  concatMap,
  defer,
  finalize,
  from,
  map,
  of,
  shareReplay,
  switchMap,
  take,
  tap,
  throwError,
  throwIfEmpty,
  type Observable,
} from 'rxjs';
import type { IntrospectionSettings, IssuerSettings } from '../../config/authSettings.js';
import { limits } from '../../config/limits.js';
import type { GatewayError } from '../../protocol/errors.js';
import type { Claims } from '../../protocol/identity/claims.js';
import type { Principal } from '../../streams/exchange.js';
import type { Prompt } from '../../streams/sessions.js';
import { checkJwt } from './checkJwt.js';
import { introspect } from './introspect.js';
import type { IssuerKeys } from './issuerKeys.js';
import { notAccepted } from './notAccepted.js';
import { notKnowable } from './notKnowable.js';
import { tokenPrincipal } from './tokenPrincipal.js';
import { VerifiedTokens } from './verifiedTokens.js';

/** An issuer that is asked about a token is not asked again about the same one for so long, in milliseconds. */
const refusedMs = 5000;

/** What was found out of a token, and how long it may be believed. */
interface Checked {
  readonly claims: Claims;
  readonly issuer: IssuerSettings;
  readonly method: 'jwt' | 'introspection';
  /** Epoch milliseconds. */
  readonly until: number;
}

/**
 * Checks tokens of several issuers: JWTs by their signatures, the others by asking.
 *
 * > A token that was checked is known until it expires, and then costs a hash; of two calls with the same new token one is
 * > checked. What is kept is kept under a hash of the token.
 */
export class TokenChecker {
  readonly #issuers: readonly IssuerSettings[];
  readonly #keysOf: (issuer: IssuerSettings) => IssuerKeys;
  readonly #verified = new VerifiedTokens(limits.verifiedTokens);
  /** Apart from the good ones, so that made-up tokens push none of those out. */
  readonly #refused = new Map<string, { readonly error: GatewayError; readonly until: number }>();
  readonly #pending = new Map<string, Observable<Principal>>();

  constructor(issuers: readonly IssuerSettings[], keysOf: (issuer: IssuerSettings) => IssuerKeys) {
    this.#issuers = issuers;
    this.#keysOf = keysOf;
  }

  /**
   * Whom a token stands for.
   *
   * @param resource the route's own URL: what a token has to name where its issuer is not configured otherwise
   * @returns the principal, at once where it is known. Errors: `ERR_CREDENTIAL_INVALID`, `ERR_IDENTITY_UNAVAILABLE`
   */
  check(token: string, resource: string): Prompt<Principal> {
    const key = `${hash('sha256', token, 'base64url')} ${resource}`;
    const now = Date.now();
    const known = this.#verified.get(key, now);
    if (known !== undefined) return known;
    const refused = this.#refused.get(key);
    if (refused !== undefined && now < refused.until) throw refused.error;
    return defer(() => this.#pending.get(key) ?? this.#begin(key, token, resource));
  }

  /** Only now that somebody waits for it. */
  #begin(key: string, token: string, resource: string): Observable<Principal> {
    if (this.#pending.size >= limits.pendingVerifications)
      throw notKnowable('too many tokens are being checked');
    const checking = defer(() => this.#examine(token, resource)).pipe(
      map(({ claims, issuer, method, until }) => {
        const principal = tokenPrincipal(claims, issuer, method);
        this.#verified.put(key, { principal, until });
        return principal;
      }),
      tap({ error: (error: GatewayError) => this.#remember(key, error) }),
      finalize(() => this.#pending.delete(key)),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    this.#pending.set(key, checking);
    return checking;
  }

  /** Only what an issuer was asked about: signatures are cheaper to check than to remember. */
  #remember(key: string, error: GatewayError): void {
    if (error.code !== 'ERR_CREDENTIAL_INVALID' || !this.#issuers.some(({ introspection }) => introspection))
      return;
    const [first] = this.#refused.keys();
    if (this.#refused.size >= limits.verifiedTokens && first !== undefined) this.#refused.delete(first);
    this.#refused.delete(key);
    this.#refused.set(key, { error, until: Date.now() + refusedMs });
  }

  #examine(token: string, resource: string): Observable<Checked> {
    const jwt = decoded(token);
    return jwt === undefined ? this.#examineOpaque(token, resource) : this.#examineJwt(token, jwt, resource);
  }

  #examineJwt(token: string, { header, iss, exp, isFor }: Decoded, resource: string): Observable<Checked> {
    const issuer = this.#issuers.find((known) => known.issuer === iss);
    if (issuer === undefined)
      return throwError(() => notAccepted('The token is of an issuer that is not accepted'));
    const keys = this.#keysOf(issuer);
    const audiences = issuer.audiences ?? [resource];
    const { introspection } = issuer;
    const isAsked = introspection?.mode === 'always';
    // Issuers that are asked anyway may make tokens that say little themselves.
    const named = isAsked && isFor === undefined ? undefined : audiences;
    const checked$ = checkJwt(token, header, issuer, keys, named).pipe(
      map((claims): Checked => ({ claims, issuer, method: 'jwt', until: exp * 1000 })),
    );
    if (!isAsked) return checked$;
    return checked$.pipe(
      switchMap((checked) =>
        this.#ask(token, issuer, introspection, audiences).pipe(
          map((told): Checked => {
            if (told === undefined) throw notAccepted('The token is not valid any more');
            const until = Math.min(checked.until, Date.now() + introspection.cacheMs);
            return { ...checked, claims: { ...checked.claims, ...told }, until };
          }),
        ),
      ),
    );
  }

  #examineOpaque(token: string, resource: string): Observable<Checked> {
    const askable = this.#issuers.flatMap((issuer) =>
      issuer.introspection === undefined ? [] : [{ issuer, introspection: issuer.introspection }],
    );
    // A token that somebody claims is nobody else's business; the longest claim is the most exact.
    const claim = longestClaim(
      askable.map(({ introspection }) => introspection.tokenPrefix),
      token,
    );
    const asked = askable.filter(({ introspection }) => introspection.tokenPrefix === claim);
    return from(asked).pipe(
      concatMap(({ issuer, introspection }) =>
        this.#ask(token, issuer, introspection, issuer.audiences ?? [resource]).pipe(
          switchMap((claims) => {
            if (claims === undefined) return [];
            const { exp } = claims;
            const end = typeof exp === 'number' ? exp * 1000 : Infinity;
            return of<Checked>({
              claims,
              issuer,
              method: 'introspection',
              until: Math.min(end, Date.now() + introspection.cacheMs),
            });
          }),
        ),
      ),
      take(1),
      throwIfEmpty(() => notAccepted('The token is not valid')),
    );
  }

  #ask(
    token: string,
    issuer: IssuerSettings,
    introspection: IntrospectionSettings,
    audiences: readonly string[],
  ): Observable<Claims | undefined> {
    return introspect(token, issuer, introspection, this.#keysOf(issuer), audiences);
  }
}

const longestClaim = (prefixes: readonly (string | undefined)[], token: string): string | undefined =>
  prefixes.reduce(
    (longest, prefix) =>
      prefix !== undefined && token.startsWith(prefix) && prefix.length > (longest?.length ?? 0)
        ? prefix
        : longest,
    undefined,
  );

interface Decoded {
  readonly header: JWTHeaderParameters;
  readonly iss: unknown;
  readonly exp: number;
  /** Its audience. */
  readonly isFor: unknown;
}

/** What a token says of itself, not to be believed yet; undefined for one that is no JWT. */
const decoded = (token: string): Decoded | undefined => {
  try {
    const { alg, ...header } = decodeProtectedHeader(token);
    const { iss, exp = 0, aud } = decodeJwt(token);
    return { header: { ...header, alg: alg ?? '' }, iss, exp, isFor: aud };
  } catch {
    return undefined; // an opaque one
  }
};
