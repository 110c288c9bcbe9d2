import { isObservable, Observable } from 'rxjs';
import type { Exchange } from './exchange.js';

/** What a stage does to one exchange: returns the next one, or an Observable of it when it has to wait, or throws. */
export type Step<Needs, Adds> = <E extends Exchange & Needs>(
  exchange: E,
) => (E & Adds) | Observable<E & Adds>;

/** An operator that needs some facts and adds some. In the wrong order it does not compile. */
export interface Stage<Needs, Adds> {
  <E extends Exchange & Needs>(source: Observable<E>): Observable<E & Adds>;
  /** The plain function inside, for fusing and for tests. */
  readonly step: Step<Needs, Adds>;
}

/**
 * Turns a plain function into an operator. The only place that does.
 *
 * > Synchronous when it can be: a value that is there leaves in the frame it came.
 *
 * ```
 * exchanges       --a-----b------|
 * stage(sync)     --A-----B------|
 * stage(waits 2)  ----A-----B----|
 * stage(throws)   --#
 * ```
 *
 * @example
 * ```ts
 * const tenant = stage<Authenticated, { tenant: string }>((exchange) => {
 *   const [, tenant] = exchange.principal.id.split('@');
 *   if (tenant === undefined) throw refusal('ERR_FORBIDDEN', 'subject names no tenant');
 *   return { ...exchange, tenant };
 * });
 * ```
 *
 * @param step returns the whole next exchange as a literal: `{ ...exchange, slot: value }`
 */
export const stage = <Needs, Adds>(step: Step<Needs, Adds>): Stage<Needs, Adds> => {
  const operator = <E extends Exchange & Needs>(source: Observable<E>): Observable<E & Adds> =>
    new Observable((subscriber) => {
      let waiting = 0;
      let sourceDone = false;
      const settle = (): void => {
        if (sourceDone && waiting === 0) subscriber.complete();
      };
      const subscription = source.subscribe({
        next(exchange) {
          // A synchronous source goes on until it is told that nobody listens any more.
          if (subscriber.closed) return;
          let next: (E & Adds) | Observable<E & Adds>;
          try {
            next = step(exchange);
          } catch (error) {
            subscriber.error(error);
            return;
          }
          if (!isObservable(next)) {
            subscriber.next(next);
            return;
          }
          waiting++;
          subscriber.add(
            next.subscribe({
              next: (later) => subscriber.next(later),
              error: (error: unknown) => subscriber.error(error),
              complete: () => {
                waiting--;
                settle();
              },
            }),
          );
        },
        error: (error: unknown) => subscriber.error(error),
        complete() {
          sourceDone = true;
          settle();
        },
      });
      subscriber.add(subscription);
    });
  return Object.assign(operator, { step });
};
