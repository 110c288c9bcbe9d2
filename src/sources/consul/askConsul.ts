import { EventEmitter } from 'node:events';
import { Observable } from 'rxjs';
import type { ConsulMethod } from './fromBlockingQuery.js';

/** Longest wait for an answer to a plain question, in milliseconds. */
const timeoutMs = 10_000;

/**
 * Asks the agent once. Unsubscribing takes the question back.
 *
 * @returns the answer, undefined where there is nothing. Errors with what the package errors with
 */
export const askConsul = <T>(
  method: ConsulMethod,
  query: Readonly<Record<string, string>>,
): Observable<T | undefined> =>
  new Observable((subscriber) => {
    // What the package calls a context: `cancel` ends the request.
    const ctx = new EventEmitter();
    method({ ...query, ctx, timeout: timeoutMs } as never).then(
      (value) => {
        subscriber.next(value as T | undefined);
        subscriber.complete();
      },
      (error: unknown) => subscriber.error(error),
    );
    return () => void ctx.emit('cancel');
  });
