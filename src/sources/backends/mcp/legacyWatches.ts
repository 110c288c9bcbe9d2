import {
  EMPTY,
  Observable,
  ReplaySubject,
  Subscription,
  catchError,
  concat,
  defer,
  ignoreElements,
  timeout,
  type Subscriber,
} from 'rxjs';
import type { Reply } from '../../../streams/reply.js';
import { plainRequest } from './plainRequest.js';
import { turns } from './turns.js';
import type { UpstreamRequest } from './upstreamEra.js';
import { watchRefused } from './watchRefused.js';
import type { Watches } from './watches.js';

/** Longest time for an unsubscription, in milliseconds; what becomes of it is nobody's concern. */
const leavingMs = 5000;
/** Most subscriptions and unsubscriptions under way at a time. */
const maxRequests = 8;

export interface LegacyWatches extends Watches {
  /** The server may have forgotten what it was asked to watch: all watches fail, nobody unsubscribes. */
  lost(error: Error): void;
  /** What is being watched now. */
  readonly uris: readonly string[];
}

export interface LegacyWatchesOptions {
  readonly send: (request: UpstreamRequest) => Observable<Reply>;
  /** Completes when what the server says by itself can be heard; an upper bound is its own affair. */
  readonly heard: () => Observable<never>;
}

/** A resource that nobody watches any longer, until the server has been told. */
interface Leaving {
  /** Whether the server is being told; until then it can be taken back. */
  begun: boolean;
  /** Completes when it has been told. */
  readonly left: ReplaySubject<never>;
  readonly telling: Subscription;
}

/**
 * Watches resources as servers up to 2025-11-25 let it be done: `resources/subscribe` and `resources/unsubscribe` (2.4).
 *
 * However many are wanted, a few of these requests are under way at a time, so that calls find connections and the server is not
 * flooded; those that nobody wants any longer when their turn comes are not sent.
 */
export const legacyWatches = ({ send, heard }: LegacyWatchesOptions): LegacyWatches => {
  const watched = new Map<string, Set<Subscriber<void>>>();
  /** What the server may be watching. */
  const asked = new Set<string>();
  /** One that overtakes, or is overtaken by, the next subscription would undo it. */
  const leaving = new Map<string, Leaving>();
  const inTurn = turns(maxRequests);
  let stopped: Error | undefined;

  const subscribe = (uri: string): Observable<Reply> =>
    inTurn(
      defer(() => {
        asked.add(uri);
        return send(plainRequest('resources/subscribe', { uri }));
      }),
      'join',
    );

  const leave = (uri: string): void => {
    if (!asked.has(uri)) return;
    const own: Leaving = { begun: false, left: new ReplaySubject<never>(), telling: new Subscription() };
    leaving.set(uri, own);
    const unsubscribe$ = defer(() => {
      own.begun = true;
      asked.delete(uri);
      return send(plainRequest('resources/unsubscribe', { uri }));
    }).pipe(
      timeout(leavingMs),
      ignoreElements(),
      // A server that does not let go of a resource only tells what nobody heeds, until the next subscription or the session's end.
      catchError(() => EMPTY),
    );
    own.telling.add(
      inTurn(unsubscribe$, 'leave').subscribe({
        complete: () => {
          if (leaving.get(uri) === own) leaving.delete(uri);
          own.left.complete();
        },
      }),
    );
  };

  /** Takes back what the server has not been told; completes when it has been told all else. */
  const stay = (uri: string): Observable<never> => {
    const own = leaving.get(uri);
    if (own === undefined) return EMPTY;
    if (own.begun) return own.left;
    own.telling.unsubscribe();
    leaving.delete(uri);
    return EMPTY;
  };

  const lost = (error: Error): void => {
    const all = [...watched.values()].flatMap((watchers) => [...watchers]);
    watched.clear();
    asked.clear();
    for (const uri of [...leaving.keys()]) stay(uri);
    for (const watcher of all) watcher.error(error);
  };

  return {
    greeted: () => undefined,
    get uris() {
      return [...watched.keys()];
    },
    watch: (uri) =>
      new Observable((subscriber) => {
        if (stopped !== undefined) return subscriber.error(stopped);
        const watchers = watched.get(uri) ?? new Set<Subscriber<void>>();
        watched.set(uri, watchers.add(subscriber));
        const asking = concat(stay(uri), subscribe(uri)).subscribe({
          next(reply): void {
            if (reply.kind === 'error') {
              asked.delete(uri);
              return subscriber.error(watchRefused(uri, reply.error));
            }
            if (reply.kind !== 'result') return;
            const inEffect = (): void => subscriber.next();
            subscriber.add(heard().subscribe({ complete: inEffect }));
          },
          error: (error: unknown) => subscriber.error(error),
        });
        return () => {
          asking.unsubscribe();
          watchers.delete(subscriber);
          if (watchers.size > 0 || watched.get(uri) !== watchers) return;
          watched.delete(uri);
          if (stopped === undefined) leave(uri);
        };
      }),
    lost,
    stop(error) {
      stopped = error;
      lost(error);
    },
  };
};
