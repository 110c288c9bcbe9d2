import type { Observable, Subscription } from 'rxjs';

/** Holds a feed open for the sake of what it makes happen. For the wiring of feeds; a call is never drained but served. */
export const drain = <T>(feed$: Observable<T>, effect: (value: T) => void): Subscription =>
  feed$.subscribe(effect);
