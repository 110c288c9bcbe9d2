import { createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import {
  catchError,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  of,
  shareReplay,
  switchMap,
  tap,
  throwError,
  timer,
  type Observable,
} from 'rxjs';
import { limits } from '../../config/limits.js';
import type { IssuerSettings } from '../../config/authSettings.js';
import type { NetworkSettings } from '../../config/networkSettings.js';
import { drain } from '../../streams/drain.js';
import { addressPolicy } from '../oauth/addressPolicy.js';
import { issuerMetadata } from '../oauth/issuerMetadata.js';
import { oauthHttp, type OAuthHttp } from '../oauth/oauthHttp.js';
import { notAccepted } from './notAccepted.js';
import { notKnowable } from './notKnowable.js';

/** More keys than this are no set of signing keys. */
const maxKeys = 100;
/** Calls that wait for a key which the issuer may just have made; strangers can make them, so they are few. */
const maxWaiting = 100;

type KeySet = ReturnType<typeof createLocalJWKSet>;
type Key = Awaited<ReturnType<KeySet>>;

/** Told when an issuer stops answering (with the reason), and when it answers again. */
export type IssuerWatch = (issuer: string, failure: string | undefined) => void;

/**
 * The published keys of an issuer, kept at hand.
 *
 * > A key that is not among them is looked for once more before a token is refused: the issuer may have begun to use it a moment
 * > ago. It is not asked more often than every two seconds; who comes in between waits.
 *
 * Keys are fetched anew after a while, for those that were withdrawn; while the issuer does not answer the last ones stay.
 */
export class IssuerKeys {
  readonly http: OAuthHttp;
  readonly #settings: IssuerSettings;
  readonly #watch: IssuerWatch;
  #keys: { readonly set: KeySet; readonly at: number } | undefined;
  #fetching: Observable<KeySet> | undefined;
  #fetchedAt = -Infinity;
  #waiting = 0;
  #failed = false;

  /** @param rules where its documents may lead; the cautious ones if not given */
  constructor(settings: IssuerSettings, watch: IssuerWatch, rules?: () => NetworkSettings) {
    this.#settings = settings;
    this.#watch = watch;
    this.http = oauthHttp(
      addressPolicy({
        server: new URL(settings.issuer),
        allowedHosts: settings.allowedHosts,
        ...(rules !== undefined && { rules }),
      }),
    );
  }

  /** The key that a token's header names. Errors: `ERR_CREDENTIAL_INVALID`, `ERR_IDENTITY_UNAVAILABLE`. */
  find(header: JWSHeaderParameters): Observable<Key> {
    const known = this.#keys;
    const at = performance.now();
    if (known === undefined) return this.#fetch().pipe(concatMap((set) => this.#among(set, header, at)));
    if (at - known.at > limits.keysMaxAgeMs && this.#fetching === undefined)
      drain(this.#fetch().pipe(catchError(() => EMPTY)), () => undefined); // the last good ones stay; the watch has been told
    return this.#among(known.set, header, at);
  }

  /** The issuer's endpoint for questions about tokens. Errors: `ERR_IDENTITY_UNAVAILABLE`. */
  introspectionUrl(): Observable<string> {
    return issuerMetadata(this.http, this.#settings.issuer, true).pipe(
      map(({ introspection_endpoint: url }) => {
        if (url === undefined) throw new Error('its metadata name no introspection endpoint');
        return url;
      }),
      this.watched(),
    );
  }

  /** Tells the watch how an answer of the issuer's ended; a failure becomes `ERR_IDENTITY_UNAVAILABLE`. */
  watched<T>(): (source: Observable<T>) => Observable<T> {
    return (source) =>
      source.pipe(
        tap(() => this.#tell(undefined)),
        catchError((error: unknown) => {
          this.#tell(error instanceof Error ? error.message : String(error));
          return throwError(() => notKnowable(error));
        }),
      );
  }

  close(): void {
    this.http.close();
  }

  /** @param since a fetch that began before this moment, under way perhaps when the key was missed, may not know it yet */
  #among(set: KeySet, header: JWSHeaderParameters, since: number): Observable<Key> {
    return defer(() => from(set(header))).pipe(
      catchError((error: unknown) => {
        if (!(error instanceof errors.JWKSNoMatchingKey)) return throwError(() => unknownKey());
        if (this.#fetchedAt >= since) return throwError(() => unknownKey());
        // Strangers may have taken all places: nothing is known of this token, and its owner is to come again rather than log in anew.
        if (this.#waiting >= maxWaiting)
          return throwError(() => notKnowable('too many tokens wait for the keys of their issuer'));
        return this.#afresh().pipe(concatMap((next) => this.#among(next, header, since)));
      }),
    );
  }

  #afresh(): Observable<KeySet> {
    return defer(() => {
      this.#waiting++;
      return this.#fetch();
    }).pipe(finalize(() => this.#waiting--));
  }

  /** One fetch for all who wait for it, not before its time. */
  #fetch(): Observable<KeySet> {
    const wait = Math.max(0, this.#fetchedAt + limits.keysAgainMs - performance.now());
    this.#fetching ??= timer(wait).pipe(
      switchMap(() => {
        this.#fetchedAt = performance.now();
        return this.#request();
      }),
      tap((set) => {
        this.#keys = { set, at: performance.now() };
        // Before those who wait get it: one of them may want the next.
        this.#fetching = undefined;
      }),
      finalize(() => (this.#fetching = undefined)),
      shareReplay({ bufferSize: 1, refCount: true }),
    );
    return this.#fetching;
  }

  #request(): Observable<KeySet> {
    const { issuer, jwksUri } = this.#settings;
    const uri$ =
      jwksUri === undefined
        ? issuerMetadata(this.http, issuer, true).pipe(map(({ jwks_uri: uri }) => uri))
        : of(jwksUri);
    return uri$.pipe(
      switchMap((uri) => {
        if (uri === undefined) throw new Error('its metadata name no keys');
        return this.http.document(uri, 'The set of keys');
      }),
      map((document) => createLocalJWKSet(keySet(document))),
      this.watched(),
    );
  }

  #tell(failure: string | undefined): void {
    if (this.#failed === (failure !== undefined)) return;
    this.#failed = failure !== undefined;
    this.#watch(this.#settings.issuer, failure);
  }
}

const keySet = (document: Readonly<Record<string, unknown>> | undefined): JSONWebKeySet => {
  const keys = document?.['keys'];
  if (!Array.isArray(keys)) throw new Error('where its keys should be is no set of keys');
  if (keys.length > maxKeys) throw new Error(`it has more than ${maxKeys} keys`);
  return { keys: keys as JSONWebKeySet['keys'] };
};

const unknownKey = () => notAccepted('The token is signed with a key that its issuer does not have');
