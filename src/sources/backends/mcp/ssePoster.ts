import { AsyncSubject, EMPTY, Subscription, concat, merge, timeout, type Observable } from 'rxjs';
import { isCall, isRequest } from '../../../protocol/jsonrpc.js';
import { alwaysOpen } from '../../../streams/valve.js';
import type { HttpLink } from './httpLink.js';
import { taken } from './taken.js';

/** How long a cancellation waits for the request that it is about to be taken, in milliseconds. */
const orderMs = 1000;

/** The way from the gateway to one server over HTTP+SSE: one POST a message. */
export interface SsePoster {
  /** Names the revision in the header of all later messages. */
  speak(revision: string): void;
  /** Posts a message; false when the connection is over. */
  send(message: unknown): boolean;
  /** Posts a message and completes when it has been taken. Errors: see `taken`. */
  deliver(message: unknown): Observable<never>;
  /** Completes when whatever {@link send} was given has been taken or refused. */
  settled(): Observable<never>;
  /** Gives up what is under way. */
  stop(): void;
}

interface Posted {
  readonly done: AsyncSubject<never>;
  readonly subscription: Subscription;
}

/**
 * @param path where the server said to post
 * @param refused told of each message that was not taken, and why
 */
export const ssePoster = (
  link: HttpLink,
  path: string,
  refused: (error: unknown, message: unknown) => void,
): SsePoster => {
  /** By the id of a request; others have nobody who asks for them. */
  const underWay = new Map<string | number | symbol, Posted>();
  let headers: readonly string[] = [];
  let stopped = false;

  const deliver = (message: unknown): Observable<never> =>
    link.post(headers, JSON.stringify(message), alwaysOpen, path).pipe(taken());

  /** POSTs take connections of their own: a cancellation that came first would be about nothing, and the call would go on. */
  const turn = (message: unknown): Observable<never> => {
    if (!isCall(message) || message.method !== 'notifications/cancelled') return EMPTY;
    const request = underWay.get(message.params?.['requestId'] as number);
    return request?.done.pipe(timeout({ each: orderMs, with: () => EMPTY })) ?? EMPTY;
  };

  return {
    speak: (revision) => (headers = ['mcp-protocol-version', revision]),
    send(message) {
      if (stopped) return false;
      const key = isCall(message) && isRequest(message) ? message.id : Symbol('message');
      const posted: Posted = { done: new AsyncSubject(), subscription: new Subscription() };
      const before = turn(message);
      underWay.set(key, posted);
      const settle = (): void => {
        underWay.delete(key);
        posted.done.complete();
      };
      posted.subscription.add(
        concat(before, deliver(message)).subscribe({
          complete: settle,
          error(error: unknown) {
            settle();
            refused(error, message);
          },
        }),
      );
      return true;
    },
    deliver,
    settled: () => merge(...[...underWay.values()].map(({ done }) => done)),
    stop() {
      stopped = true;
      const left = [...underWay.values()];
      underWay.clear();
      for (const { done, subscription } of left) {
        subscription.unsubscribe();
        done.complete();
      }
    },
  };
};
