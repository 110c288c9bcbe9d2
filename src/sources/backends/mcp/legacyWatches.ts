import {
  EMPTY,
  Observable,
  ReplaySubject,
  catchError,
  concat,
  defer,
  ignoreElements,
  timeout,
  type Subscriber,
} from 'rxjs';
import type { Reply } from '../../../streams/reply.js';
import { plainRequest } from './plainRequest.js';
import type { UpstreamRequest } from './upstreamEra.js';
import { watchRefused } from './watchRefused.js';
import type { Watches } from './watches.js';

/** Longest time for an unsubscription, in milliseconds; what becomes of it is nobody's concern. */
const leavingMs = 5000;

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

/** Watches resources as servers up to 2025-11-25 let it be done: `resources/subscribe` and `resources/unsubscribe` (2.4). */
export const legacyWatches = ({ send, heard }: LegacyWatchesOptions): LegacyWatches => {
  const watched = new Map<string, Set<Subscriber<void>>>();
  /** Unsubscriptions under way: one that overtakes, or is overtaken by, the next subscription would undo it. */
  const leaving = new Map<string, Observable<never>>();
  let stopped: Error | undefined;

  const leave = (uri: string): void => {
    const left = new ReplaySubject<never>();
    leaving.set(uri, left);
    send(plainRequest('resources/unsubscribe', { uri }))
      .pipe(
        timeout(leavingMs),
        ignoreElements(),
        catchError(() => EMPTY), // the next subscription, or the end of the session, settles it
      )
      .subscribe({
        complete: () => {
          if (leaving.get(uri) === left) leaving.delete(uri);
          left.complete();
        },
      });
  };

  const lost = (error: Error): void => {
    const all = [...watched.values()].flatMap((watchers) => [...watchers]);
    watched.clear();
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
        const subscribe = defer(() => send(plainRequest('resources/subscribe', { uri })));
        const asking = concat(leaving.get(uri) ?? EMPTY, subscribe).subscribe({
          next(reply): void {
            if (reply.kind === 'error') return subscriber.error(watchRefused(uri, reply.error));
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
