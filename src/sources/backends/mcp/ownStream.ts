import { EMPTY, catchError, expand, ignoreElements, of, switchMap, tap, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { isCall, type JsonRpcCall } from '../../../protocol/jsonrpc.js';
import { alwaysOpen } from '../../../streams/valve.js';
import { HttpRefusal } from './httpRefusal.js';
import type { HttpLink } from './httpLink.js';
import type { LegacySession } from './legacySession.js';
import { readMessages, streamStart } from './readMessages.js';

/** Pause before the stream is opened again: doubled each time in vain, between these bounds, in milliseconds. */
const firstPauseMs = 1000;
const longestPauseMs = 60_000;
/** A stream that lasted this long was not in vain. */
const steadyMs = 30_000;

/** What becomes of the stream. */
export interface StreamEvents {
  /** The stream is open, or it is known that there is none for now. */
  opened(): void;
  /** The server has said something: a notification, or a request of its own. */
  said(message: JsonRpcCall): void;
  /** It was closed for a while: anything may have changed. */
  missed(): void;
  /** The server no longer knows the session (404). */
  forgotten(): void;
}

/**
 * Listens on a legacy session's own stream (`GET`, 2.3) to what the server says by itself.
 *
 * A server that offers no such stream (405) is left alone. A stream that ends is opened again.
 *
 * @returns emits nothing; lives until it is unsubscribed or there is nothing to listen to
 */
export const ownStream = (
  link: HttpLink,
  session: LegacySession,
  { opened, said, missed, forgotten }: StreamEvents,
): Observable<never> => {
  /** Some servers say 404 for a method that a path does not know; of a session that they knew just now it says nothing. */
  let wasOpen = false;

  /** One connection; emits the pause before the next, or nothing when there shall be none. */
  const listen = (pauseMs: number): Observable<number> => {
    const position = streamStart();
    const startedAt = Date.now();
    return link.listen(session.headers, alwaysOpen).pipe(
      tap((part) => {
        if (part.kind !== 'head') return;
        opened();
        wasOpen ||= part.status === 200;
        if (part.status === 200 && pauseMs > 0) missed();
      }),
      readMessages(link.maxMessageBytes, position),
      tap((message) => {
        if (isCall(message)) said(message);
      }),
      ignoreElements(),
      catchError((error: unknown) => {
        opened();
        if (error instanceof HttpRefusal && error.status === 404 && wasOpen) forgotten();
        if (error instanceof HttpRefusal && error.status < 500 && error.status !== 429) return EMPTY;
        const lasted = Date.now() - startedAt >= steadyMs;
        const next = lasted ? firstPauseMs : Math.min(longestPauseMs, Math.max(firstPauseMs, pauseMs * 2));
        return of(Math.max(position.retryMs ?? 0, next * (0.75 + Math.random() / 4)));
      }),
    );
  };
  return listen(0).pipe(
    expand((pauseMs) => timer(Math.min(pauseMs, longestPauseMs)).pipe(switchMap(() => listen(pauseMs)))),
    ignoreElements(),
  );
};
