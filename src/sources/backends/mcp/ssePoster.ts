import { AsyncSubject, EMPTY, Subscription, concat, merge, timeout, type Observable } from 'rxjs';
import { isCall, isRequest, type RequestId } from '../../../protocol/jsonrpc.js';
import { KeyedMembers } from '../../../streams/keyedMembers.js';
import { alwaysOpen } from '../../../streams/valve.js';
import type { HttpLink } from './httpLink.js';
import { taken } from './taken.js';

/** How long the POST of a request that is over may go on, in milliseconds. A cancellation comes after it. */
const overMs = 1000;
/** Longest time for what needs no answer, in milliseconds. */
const tellMs = 10_000;

/** The way from the gateway to one server over HTTP+SSE: one POST a message. */
export interface SsePoster {
  /** Names the revision in the header of all later messages. */
  speak(revision: string): void;
  /** Posts a message; false when the connection is over. */
  send(message: unknown): boolean;
  /** A request is over, answered or not: its POST has a moment left to be answered as well. */
  over(id: RequestId): void;
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
  /** Ends it, whatever has become of it. */
  readonly settle: () => void;
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
  const underWay = new KeyedMembers<RequestId | symbol, Posted>();
  let headers: readonly string[] = [];
  let stopped = false;

  const deliver = (message: unknown): Observable<never> =>
    link.post(headers, JSON.stringify(message), { valve: alwaysOpen }, path).pipe(taken());

  const over = (id: RequestId): void => {
    const posted = underWay.get(id);
    if (posted === undefined) return;
    const late = setTimeout(posted.settle, overMs);
    late.unref();
    posted.subscription.add(() => clearTimeout(late));
  };

  /** POSTs take connections of their own: a cancellation that came first would be about nothing, and the call would go on. */
  const turn = (message: unknown): Observable<never> => {
    if (!isCall(message) || message.method !== 'notifications/cancelled') return EMPTY;
    const id = message.params?.['requestId'] as RequestId;
    over(id);
    return underWay.get(id)?.done ?? EMPTY;
  };

  const open = (key: RequestId | symbol): Posted => {
    const done = new AsyncSubject<never>();
    const subscription = new Subscription();
    const settle = (): void => {
      underWay.delete(key);
      subscription.unsubscribe();
      done.complete();
    };
    const posted = { done, subscription, settle };
    underWay.set(key, posted);
    return posted;
  };

  return {
    speak: (revision) => (headers = ['mcp-protocol-version', revision]),
    send(message) {
      if (stopped) return false;
      const id = isCall(message) && isRequest(message) ? message.id : undefined;
      const before = turn(message);
      const { subscription, settle } = open(id ?? Symbol('message'));
      const delivery = id === undefined ? deliver(message).pipe(timeout(tellMs)) : deliver(message);
      subscription.add(
        concat(before, delivery).subscribe({
          complete: settle,
          error(error: unknown) {
            settle();
            refused(error, message);
          },
        }),
      );
      return true;
    },
    over,
    deliver,
    settled: () => merge(...[...underWay.values()].map(({ done }) => done)),
    stop() {
      stopped = true;
      for (const { settle } of [...underWay.values()]) settle();
    },
  };
};
