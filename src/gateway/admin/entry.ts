import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { AdminKeySettings } from '../../config/adminSettings.js';
import type { Settings } from '../../config/settings.js';
import { Failures } from '../../sources/identity/failures.js';
import { clientAddress } from '../../streams/clientAddress.js';
import type { Latest } from '../../streams/latest.js';
import { ApiError } from './apiError.js';
import { confirmOwnPage } from './confirmOwnPage.js';
import { cookieName } from './cookieName.js';
import { cookieOf } from './cookieOf.js';
import type { ConsoleEvent } from './noted.js';
import { oidcBy } from './oidcBy.js';
import type { Person } from './person.js';
import { personOfKey } from './personOfKey.js';
import { personWith } from './personWith.js';
import { setCookie } from './setCookie.js';
import { SignIns, type SignIn } from './signIns.js';

export interface EntryOptions {
  readonly settings: Latest<Settings>;
  /** A key for this run of the program, good while the configuration has no way in. */
  readonly runKey?: AdminKeySettings | undefined;
  readonly now: () => number;
  /** Told of who came in, who did not, and who left; never of what they showed. */
  readonly tell: (event: ConsoleEvent) => void;
}

/** Somebody at the door, found to be somebody. */
export interface Entered {
  readonly person: Person;
  readonly signIn: SignIn | undefined;
}

/** Guesses of one address in a minute; what follows is not looked at. */
const maxFailures = 10;

/** The door of the console: who may come in, and who has. */
export class Entry {
  readonly signIns: SignIns;
  readonly #options: EntryOptions;
  readonly #failures = new Failures();

  constructor(options: EntryOptions) {
    this.#options = options;
    this.signIns = new SignIns({
      bounds: () => {
        const { sessionTtlMs: ttlMs, sessionIdleMs: idleMs } = options.settings.current.admin;
        return { ttlMs, idleMs };
      },
      isKnown: (person) => this.isKnown(person),
      now: options.now,
    });
  }

  /** The ways in: by key, and by an account of the provider of that name. */
  get ways(): { readonly key: boolean; readonly oidc: string | null } {
    return { key: this.#keys.length > 0, oidc: this.#options.settings.current.admin.oidc?.name ?? null };
  }

  /** Whether there is any way in. */
  get isOpen(): boolean {
    const { key, oidc } = this.ways;
    return key || oidc !== null;
  }

  /** The address of whoever sent a request, also behind a proxy that is trusted. */
  addressOf({ socket, headers }: IncomingMessage): string | undefined {
    const { trustedProxies } = this.#options.settings.current.http;
    return clientAddress(trustedProxies)({ address: socket.remoteAddress, headers });
  }

  /**
   * Who sent a request: by a key in `authorization`, or by the cookie of a browser, which has to come from our own page.
   *
   * @returns undefined for a stranger
   * @throws ApiError 401 for a key that is not accepted, 403 for a foreign page and a missing token, 429
   */
  enter(request: IncomingMessage): Entered | undefined {
    const { authorization } = request.headers;
    const changes = request.method !== 'GET' && request.method !== 'HEAD';
    this.#confirmPage(request, changes && authorization === undefined);
    if (authorization !== undefined) {
      const [, key = ''] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
      return { person: this.#byKey(key, request), signIn: undefined };
    }
    const id = cookieOf(request, this.#cookieName(request));
    const signIn = id === undefined ? undefined : this.signIns.use(id);
    if (signIn === undefined) return undefined;
    if (changes && !isSame(signIn.csrf, request.headers['x-csrf-token']))
      throw new ApiError(
        'ERR_CSRF',
        'The header `x-csrf-token` is not what `GET /api/v1/me` says: load the page anew',
      );
    return { person: signIn.person, signIn };
  }

  /** Signs a browser in by a key. @returns the cookie. @throws as `enter` */
  signIn(request: IncomingMessage, key: string): string {
    this.#confirmPage(request, true);
    return this.admit(request, this.#byKey(key, request));
  }

  /** Signs a browser in as somebody who is known now; whom it was before, it is no more. @returns the cookie */
  admit(request: IncomingMessage, person: Person): string {
    const name = this.#cookieName(request);
    const before = cookieOf(request, name);
    if (before !== undefined) this.signIns.close(before);
    this.#options.tell({
      event: 'signed_in',
      person,
      method: person.method,
      address: this.addressOf(request),
    });
    return setCookie({ name, value: this.signIns.open(person), sameSite: 'Strict', secure: this.isSecure });
  }

  /** Tells of somebody who was not let in. */
  refused(method: Person['method'], request: IncomingMessage): void {
    this.#options.tell({ event: 'sign_in_refused', method, address: this.addressOf(request) });
  }

  /** Signs a browser out. @returns the cookie that takes the other away */
  signOut(request: IncomingMessage, person: Person): string {
    const name = this.#cookieName(request);
    const id = cookieOf(request, name);
    if (id !== undefined && this.signIns.close(id))
      this.#options.tell({
        event: 'signed_out',
        person,
        method: person.method,
        address: this.addressOf(request),
      });
    return setCookie({ name, value: '', sameSite: 'Strict', secure: this.isSecure, maxAgeS: 0 });
  }

  /** Whether browsers reach the console over TLS. */
  get isSecure(): boolean {
    return this.#options.settings.current.admin.publicOrigin?.startsWith('https:') ?? false;
  }

  /** Whether the configuration still lets somebody in. */
  isKnown(person: Person): boolean {
    if (person.method === 'key') return this.#keys.some((key) => personWith(key).by === person.by);
    return person.by === oidcBy(this.#options.settings.current.admin);
  }

  get #keys(): readonly AdminKeySettings[] {
    const { keys, oidc } = this.#options.settings.current.admin;
    const { runKey } = this.#options;
    return keys.length > 0 || oidc !== undefined || runKey === undefined ? keys : [runKey];
  }

  #cookieName(request: IncomingMessage): string {
    return cookieName('console', request, this.isSecure);
  }

  #confirmPage(request: IncomingMessage, changes: boolean): void {
    const { publicOrigin } = this.#options.settings.current.admin;
    confirmOwnPage(request, { publicOrigin, changes });
  }

  #byKey(key: string, request: IncomingMessage): Person {
    const address = this.addressOf(request);
    const now = this.#options.now();
    if (this.#failures.isUsedUp(address ?? '', maxFailures, now))
      throw new ApiError('ERR_CREDENTIALS_THROTTLED', 'Too many keys were refused: try again later', {
        headers: { 'retry-after': '60' },
      });
    const person = personOfKey(this.#keys, key);
    if (person !== undefined) return person;
    this.#failures.add(address ?? '', maxFailures, now);
    this.refused('key', request);
    throw new ApiError(
      'ERR_CREDENTIAL_INVALID',
      'This key is not accepted: see `admin.key` in the configuration',
    );
  }
}

const isSame = (known: string, said: string | string[] | undefined): boolean => {
  const [mine, theirs] = [Buffer.from(known), Buffer.from(String(said))];
  return mine.length === theirs.length && timingSafeEqual(mine, theirs);
};
