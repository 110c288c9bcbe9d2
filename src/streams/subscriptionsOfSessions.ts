import {
  AsyncSubject,
  asyncScheduler,
  catchError,
  defer,
  EMPTY,
  ignoreElements,
  map,
  merge,
  of,
  Subject,
  Subscription,
  take,
  tap,
  throwError,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { exhausted } from '../protocol/exhausted.js';
import type { ResourceChange } from './change.js';
import type { Viewpoint } from './exchange.js';
import type { Subscriptions } from './subscriptions.js';

export interface SubscriptionsOfSessionsOptions {
  /** Most resources that one session may subscribe to. */
  readonly maxPerSession: number;
  /** How long a client waits for its subscription to be in effect, in milliseconds; it comes into effect later then. */
  readonly settleMs: number;
  readonly scheduler?: SchedulerLike;
}

interface OwnSubscriptions {
  readonly byUri: Map<string, Subscription>;
  readonly changes: Subject<ResourceChange>;
}

/** What the sessions of the 2025 era have subscribed to, each on its own; it ends with the session. */
export class SubscriptionsOfSessions {
  readonly #subscriptions: Subscriptions;
  readonly #options: Required<SubscriptionsOfSessionsOptions>;
  readonly #bySession = new Map<string, OwnSubscriptions>();

  constructor(subscriptions: Subscriptions, options: SubscriptionsOfSessionsOptions) {
    this.#subscriptions = subscriptions;
    this.#options = { scheduler: asyncScheduler, ...options };
  }

  /**
   * Subscribes a session to a resource; emits when that is in effect, or will be. Errors: what the server refuses with.
   *
   * @param room takes room for it, or throws; what it returns gives it back when the subscription ends
   */
  add(
    sessionId: string,
    from: Viewpoint,
    uri: string,
    room?: () => (() => void) | undefined,
  ): Observable<void> {
    return defer(() => {
      const { maxPerSession, settleMs, scheduler } = this.#options;
      const { byUri, changes } = this.#of(sessionId);
      if (byUri.has(uri)) return of(undefined);
      if (byUri.size >= maxPerSession)
        throw exhausted(
          'ERR_SUBSCRIPTIONS_EXHAUSTED',
          'Too many resources are watched: unsubscribe from one',
          {
            limit: 'streams.resources',
            max: maxPerSession,
          },
        );
      const settled = new AsyncSubject<undefined>();
      const subscription = new Subscription(room?.());
      byUri.set(uri, subscription);
      subscription.add(
        this.#subscriptions.watch(from, uri).subscribe((event) => {
          if (event.kind === 'updated')
            return changes.next({ kind: 'resource', subscribed: uri, uri: event.uri });
          if (event.kind === 'refused') return settled.error(event.error);
          settled.next(undefined);
          settled.complete();
        }),
      );
      return merge(settled, timer(settleMs, scheduler)).pipe(
        take(1),
        map(() => undefined),
        catchError((error: unknown) => {
          this.remove(sessionId, uri);
          return throwError(() => error);
        }),
      );
    });
  }

  /**
   * Subscribes a session to what it was subscribed to elsewhere, and says once of each that it may have changed meanwhile. What is refused
   * now is left out.
   */
  restore(sessionId: string, from: Viewpoint, uris: readonly string[]): Observable<never> {
    return defer(() => {
      const { byUri, changes } = this.#of(sessionId);
      return merge(
        ...uris
          .filter((uri) => !byUri.has(uri))
          .map((uri) =>
            this.add(sessionId, from, uri).pipe(
              tap(() => changes.next({ kind: 'resource', subscribed: uri, uri })),
              catchError(() => EMPTY), // its server does not offer it any more
            ),
          ),
      ).pipe(ignoreElements());
    });
  }

  /** What a session is subscribed to, or was where it comes from. @param before what it was as far as is known */
  watched(sessionId: string, before: readonly string[] = []): readonly string[] {
    const here = this.#bySession.get(sessionId)?.byUri.keys() ?? [];
    return [...new Set([...here, ...before])].slice(0, this.#options.maxPerSession);
  }

  /** Ends a subscription; one that is not there is nothing to complain about. */
  remove(sessionId: string, uri: string): void {
    const own = this.#bySession.get(sessionId);
    own?.byUri.get(uri)?.unsubscribe();
    own?.byUri.delete(uri);
  }

  /** What changes of a session's resources, whenever it subscribes to them. Hot; completes when the session ends. */
  changes(sessionId: string): Observable<ResourceChange> {
    return defer(() => this.#of(sessionId).changes);
  }

  /** How many sessions have something here. */
  get size(): number {
    return this.#bySession.size;
  }

  endSession(sessionId: string): void {
    const own = this.#bySession.get(sessionId);
    if (own === undefined) return;
    this.#bySession.delete(sessionId);
    for (const subscription of own.byUri.values()) subscription.unsubscribe();
    own.changes.complete();
  }

  close(): void {
    for (const sessionId of [...this.#bySession.keys()]) this.endSession(sessionId);
  }

  #of(sessionId: string): OwnSubscriptions {
    let own = this.#bySession.get(sessionId);
    if (own === undefined)
      this.#bySession.set(
        sessionId,
        (own = { byUri: new Map<string, Subscription>(), changes: new Subject() }),
      );
    return own;
  }
}
