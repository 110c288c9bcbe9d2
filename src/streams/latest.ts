import { BehaviorSubject, map, type Observable, type Subscription } from 'rxjs';

/** The newest value of a feed, readable at once: the single bridge from streams to the hot path. */
export interface Latest<T> {
  /** The newest value. Reading costs 0.2 µs; `withLatestFrom` a call costs 1.5 and grows with the calls in flight. */
  readonly current: T;
  /** The current value and every later one. */
  readonly changes$: Observable<T>;
}

/** A {@link Latest} that holds its feed open until `close`. */
export interface LiveLatest<T> extends Latest<T> {
  /** Ends the subscription to the feed; `current` keeps the last value. */
  close(): void;
}

/**
 * Subscribes to a feed for as long as the process needs it and keeps its newest value at hand.
 *
 * > Keeps the last good value: a feed's error goes to `onError` and changes nothing.
 *
 * @param feed$ any stream of snapshots; it should retry by itself, an error ends it
 * @param initial what `current` is until the feed speaks
 * @param onError told when the feed ends with an error
 */
export const latest = <T>(
  feed$: Observable<T>,
  initial: T,
  onError: (error: unknown) => void = () => undefined,
): LiveLatest<T> => {
  const values = new BehaviorSubject<T>(initial);
  const subscription: Subscription = feed$.subscribe({
    next: (value) => values.next(value),
    error: onError,
  });
  return {
    get current() {
      return values.value;
    },
    changes$: values.asObservable(),
    close: () => subscription.unsubscribe(),
  };
};

/** A value that never changes, as a {@link Latest}: for tests and fixed settings. */
export const constant = <T>(value: T): Latest<T> => ({
  current: value,
  changes$: new BehaviorSubject(value).asObservable(),
});

/** A view of another {@link Latest}: `select(settings, (s) => s.limits)`. Worked out once for each value, when it is first read. */
export const select = <T, R>(source: Latest<T>, project: (value: T) => R): Latest<R> => {
  let seen: { readonly from: T; readonly to: R } | undefined;
  return {
    get current() {
      const from = source.current;
      if (seen?.from !== from) seen = { from, to: project(from) };
      return seen.to;
    },
    changes$: source.changes$.pipe(map(project)),
  };
};
