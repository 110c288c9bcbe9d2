import { ReplaySubject, type Observable, type Subscription } from 'rxjs';

/** Work that several callers wait for, done once at a time. */
export interface SingleFlight<T> {
  /** Joins the work under way, or starts it. Leaving does not stop it: it is of use to the next caller. */
  run(): Observable<T>;
  /** Stops it and fails whoever waits. */
  stop(error: unknown): void;
}

/**
 * Makes callers share one piece of work: the opening of a session, the probe of a server.
 *
 * @param work bounded in time by itself
 */
export const singleFlight = <T>(work: () => Observable<T>): SingleFlight<T> => {
  let outcome: ReplaySubject<T> | undefined;
  let subscription: Subscription | undefined;
  return {
    run() {
      if (outcome !== undefined) return outcome.asObservable();
      const fresh = new ReplaySubject<T>(1);
      outcome = fresh;
      const settle = (): void => {
        if (outcome === fresh) outcome = undefined;
      };
      subscription = work().subscribe({
        next: (value) => fresh.next(value),
        // Forgotten before it is told, so that who tries again starts anew.
        error: (error: unknown) => {
          settle();
          fresh.error(error);
        },
        complete: () => {
          settle();
          fresh.complete();
        },
      });
      return fresh.asObservable();
    },
    stop(error) {
      subscription?.unsubscribe();
      outcome?.error(error);
      outcome = undefined;
    },
  };
};
