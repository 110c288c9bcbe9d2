import {
  Observable,
  catchError,
  defer,
  map,
  of,
  switchMap,
  throwError,
  timeout,
  type Subscription,
} from 'rxjs';
import { refusal } from '../../../protocol/errors.js';
import type { Reply } from '../../../streams/reply.js';
import { beforeCall } from './beforeCall.js';
import type { HttpLink } from './httpLink.js';
import { SessionForgotten } from './sessionForgotten.js';
import { singleFlight } from '../../singleFlight.js';
import { sseLife, type SseLifeOptions } from './sseLife.js';
import type { SseLine } from './sseLine.js';
import type { Greeting, UpstreamRequest } from './upstreamEra.js';

/** Longest time for opening a connection and a session on it, in milliseconds; callers have their own, shorter limits. */
const openingMs = 30_000;

/** A session over HTTP+SSE that is opened when it is first needed, and again when it has been lost. */
export interface SseSession {
  greet(): Observable<Greeting>;
  /** See `UpstreamEra.send`. */
  send(request: UpstreamRequest): Observable<Reply>;
  /** Ends it gently: calls under way go on, what is being posted is delivered. Only what waits for it to open is stopped. */
  retire(): void;
  /** Ends it at once; calls that wait for it fail with `cause`, those under way with `ERR_UPSTREAM_FAILED`. */
  end(cause: Error): void;
}

/** What becomes of a session's connection. */
export interface SseSessionEvents {
  /** A connection is ready. */
  opened(): void;
  /** An open connection is lost; not told when it is ended. */
  lost(): void;
}

/** @param events told of what nobody asked for */
export const sseSession = (link: HttpLink, options: SseLifeOptions, events: SseSessionEvents): SseSession => {
  let current: SseLine | undefined;
  /** Connections that are open, retired ones included. */
  const lives = new Set<Subscription>();

  const open = new Observable<SseLine>((subscriber) => {
    let line: SseLine | undefined;
    const life = sseLife(link, options).subscribe({
      next(opened) {
        line = current = opened;
        events.opened();
        subscriber.next(opened);
        subscriber.complete();
      },
      error(error: unknown) {
        if (line === undefined) return void subscriber.error(error);
        link.log.info({ server: link.name, err: error }, 'the connection to the server was lost');
        drop(line);
      },
    });
    lives.add(life);
    life.add(() => void lives.delete(life));
    return () => {
      if (line === undefined) life.unsubscribe();
    };
  });

  const opening = singleFlight(() =>
    open.pipe(
      timeout({
        first: openingMs,
        with: () =>
          throwError(() => refusal('ERR_UPSTREAM_TIMEOUT', 'The backend did not open a session in time')),
      }),
    ),
  );

  /** Takes a line for lost, once. */
  const drop = (line: SseLine): void => {
    if (current !== line) return;
    current = undefined;
    events.lost();
  };

  const line = (): Observable<SseLine> => (current === undefined ? opening.run() : of(current));

  const send = (request: UpstreamRequest, again: boolean): Observable<Reply> => {
    // Its messages are posted apart from their calls, one connection for all: a policy that wants headers can't have them.
    if (request.headers !== undefined)
      return throwError(() => refusal('ERR_POLICY_FAILED', 'The server takes no headers of single calls'));
    return line().pipe(
      beforeCall(),
      switchMap((used) =>
        used.send(request).pipe(
          catchError((error: unknown) => {
            if (!(error instanceof SessionForgotten)) return throwError(() => error);
            // The server said so before it took the message: what it did take before may still be answered.
            drop(used);
            used.retire();
            return again ? send(request, false) : throwError(() => error);
          }),
        ),
      ),
    );
  };

  return {
    greet: () => defer(line).pipe(map(({ greeting }) => greeting)),
    send: (request) => defer(() => send(request, true)),
    retire() {
      if (current === undefined) return void opening.stop(closed());
      const used = current;
      current = undefined;
      used.retire();
    },
    end(cause) {
      current = undefined;
      opening.stop(cause);
      for (const life of [...lives]) life.unsubscribe();
    },
  };
};

const closed = (): Error => refusal('ERR_UPSTREAM_UNREACHABLE', 'The backend is closed');
