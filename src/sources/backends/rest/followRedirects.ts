import { Observable, Subscription } from 'rxjs';
import type { Dispatcher } from 'undici';
import type { Chunk, Head } from '../../fromDispatch.js';

export interface FollowRedirectsOptions {
  /** Sends a request. */
  readonly send: (request: Dispatcher.DispatchOptions) => Observable<Head | Chunk>;
  /** The only origin redirects may lead to: the request's headers hold the backend's credential. */
  readonly origin: string;
  /** Redirects at most; the answer to the last one is passed on whatever it is. */
  readonly limit: number;
}

const moved = new Set([301, 302, 303, 307, 308]);

/**
 * Sends a GET or HEAD and follows redirects within its origin. Any other redirect is passed on as the answer.
 *
 * ```
 * send(a)   H|                 302 to b
 * send(b)      H-c-c|
 * result       H-c-c|
 * ```
 */
export const followRedirects = (
  request: Dispatcher.DispatchOptions,
  { send, origin, limit }: FollowRedirectsOptions,
): Observable<Head | Chunk> =>
  new Observable((subscriber) => {
    const attempt = (current: Dispatcher.DispatchOptions, left: number): void => {
      const hop = new Subscription();
      subscriber.add(hop);
      const next = (part: Head | Chunk): void => {
        const path = part.kind === 'head' && left > 0 ? targetOf(part, current, origin) : undefined;
        if (path === undefined) return subscriber.next(part);
        // Closes this connection: a redirect's body is not worth reading.
        subscriber.remove(hop);
        hop.unsubscribe();
        attempt({ ...current, path }, left - 1);
      };
      hop.add(
        send(current).subscribe({
          next,
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    };
    attempt(request, limit);
  });

/** The path a redirect leads to, if it may be followed. */
const targetOf = (head: Head, request: Dispatcher.DispatchOptions, origin: string): string | undefined => {
  const { location } = head.headers;
  if (!moved.has(head.status) || typeof location !== 'string') return undefined;
  const from = new URL(origin + request.path);
  if (!URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from);
  return to.origin === origin ? to.pathname + to.search : undefined;
};
