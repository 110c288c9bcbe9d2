import { setTimeout as delay } from 'node:timers/promises';
import type Consul from 'consul';
import { map, Observable, retry, tap, timer } from 'rxjs';
import { consulFailure } from './consulFailure.js';

/** What the agent says, or why it says nothing at the moment. */
export type Reading<T> =
  | { readonly value: T; readonly failure?: undefined }
  | { readonly value?: undefined; readonly failure: string };

/** One of the package's methods: `client.health.service.bind(client.health)`. */
export type ConsulMethod = (options: never) => Promise<unknown>;

export interface BlockingQueryOptions {
  /** Options of the method. */
  readonly query: Readonly<Record<string, string>>;
  /** How long the agent may hold one question, in milliseconds. */
  readonly waitMs: number;
}

/** Waits after failures: doubling from `firstMs` up to `maxMs`, half of it random, so that many gateways do not come back at once. */
const backoff = { firstMs: 100, maxMs: 10_000 } as const;
/** One question is not asked again sooner than this, in milliseconds: a busy cluster changes all the time. */
const paceMs = 50;

/**
 * A feed of Consul: what a method answers now, and again whenever that has changed (a blocking query).
 *
 * ```
 * agent              --a-----b--x  x  ---b--
 * fromBlockingQuery  --a-----b--f--f-----b--      f a failure; what was said before stays true
 * ```
 *
 * The index starts anew after a failure and when it goes backwards (the agent has lost its data), so that nothing is missed. The
 * package's own watch does the asking; it is let end at its first failure, because its waits have no jitter.
 *
 * @returns readings; never errors, never completes
 */
export const fromBlockingQuery = <T>(
  client: Consul,
  method: ConsulMethod,
  { query, waitMs }: BlockingQueryOptions,
): Observable<Reading<T>> =>
  new Observable((subscriber) => {
    let failures = 0;
    return watchOnce<T>(client, method, query, waitMs)
      .pipe(
        tap(() => {
          failures = 0;
        }),
        map((value) => ({ value })),
        retry({
          delay: (error) => {
            const full = Math.min(backoff.firstMs * 2 ** failures, backoff.maxMs);
            failures++;
            subscriber.next({ failure: consulFailure(error) });
            return timer(full / 2 + (Math.random() * full) / 2);
          },
        }),
      )
      .subscribe(subscriber);
  });

/** Errors at the first failure. */
const watchOnce = <T>(
  client: Consul,
  method: ConsulMethod,
  query: Readonly<Record<string, string>>,
  waitMs: number,
): Observable<T> =>
  new Observable((subscriber) => {
    let askedAt = -Infinity;
    const paced = async (options: never): Promise<unknown> => {
      const left = askedAt + paceMs - performance.now();
      if (left > 0) await delay(left);
      askedAt = performance.now();
      // Ended meanwhile: what is asked now nobody could take back.
      if (!watch.isRunning()) throw new Error('The watch has ended');
      return method(options);
    };
    const watch = client.watch({
      method: paced,
      options: { ...query, wait: `${Math.round(waitMs / 1000)}s` },
      maxAttempts: 0,
    });
    watch.on('change', (value: T) => subscriber.next(value));
    watch.on('error', (error: unknown) => subscriber.error(error));
    return () => watch.end();
  });
