import { EMPTY, catchError, expand, ignoreElements, of, switchMap, tap, timer } from 'rxjs';
import type { Observable } from 'rxjs';
import { isCall, isObject, isRequest } from '../../../protocol/jsonrpc.js';
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
  /** The stream is open, or it is known that there is none. */
  opened(): void;
  /** It was closed for a while: anything may have changed. */
  missed(): void;
  /** The server no longer knows the session (404). */
  forgotten(): void;
}

/**
 * Listens on a legacy session's own stream (`GET`, 2.3) for lists and resources that change, and tells the link's listener.
 *
 * A server that declares neither `listChanged` nor `subscribe`, or offers no such stream (405), is left alone. A stream that
 * ends is opened again.
 *
 * @returns emits nothing; lives until it is unsubscribed or there is nothing to listen to
 */
export const listenToChanges = (
  link: HttpLink,
  session: LegacySession,
  { opened, missed, forgotten }: StreamEvents,
): Observable<never> => {
  const { capabilities } = session.greeting;
  const declared = ['tools', 'resources', 'prompts'].some((key) => {
    const capability = capabilities[key];
    return isObject(capability) && (capability['listChanged'] === true || capability['subscribe'] === true);
  });
  if (!declared) {
    opened();
    return EMPTY;
  }

  /** One connection; emits the pause before the next, or nothing when there shall be none. */
  const listen = (pauseMs: number): Observable<number> => {
    const position = streamStart();
    const startedAt = Date.now();
    return link.listen(session.headers, alwaysOpen).pipe(
      tap((part) => {
        if (part.kind !== 'head') return;
        opened();
        if (part.status === 200 && pauseMs > 0) missed();
      }),
      readMessages(link.maxMessageBytes, position),
      tap((message) => {
        if (!isCall(message) || isRequest(message)) return;
        if (message.method.endsWith('/list_changed')) link.listener.changed();
        const uri = message.params?.['uri'];
        if (message.method === 'notifications/resources/updated' && typeof uri === 'string')
          link.listener.updated(uri);
      }),
      ignoreElements(),
      catchError((error: unknown) => {
        if (error instanceof HttpRefusal && error.status === 404) forgotten();
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
