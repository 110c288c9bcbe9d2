import {
  concat,
  distinctUntilChanged,
  ignoreElements,
  interval,
  map,
  merge,
  of,
  skip,
  tap,
  type Observable,
} from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { internalMethods } from '../protocol/methods.js';
import type { Handler } from '../operators/handle.js';
import type { Catalog } from '../streams/catalog.js';
import type { Latest } from '../streams/latest.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import { open, type Reply } from '../streams/reply.js';
import type { SessionStore } from '../streams/sessions.js';
import { fingerprint } from '../streams/fingerprint.js';

export interface StandaloneStreamOptions {
  readonly catalog: Latest<Catalog>;
  readonly calls: LiveCalls;
  readonly sessions: SessionStore;
  /** How often the open stream prolongs its session, in milliseconds: a client that listens is there. */
  readonly touchMs: number;
}

/**
 * `GET`: a session's standalone stream, one at a time (2025-11-25: transports, listening for messages). Brings
 * `list_changed` when the catalogue changes for this endpoint.
 */
export const standaloneStream =
  ({ catalog, calls, sessions, touchMs }: StandaloneStreamOptions): Handler =>
  (exchange) => {
    const { session, origin } = exchange;
    if (session === undefined)
      throw refusal('ERR_METHOD_NOT_ALLOWED', 'This revision has no standalone stream', {
        headers: { allow: 'POST' },
      });
    if (calls.has(session.id, internalMethods.stream, exchange))
      throw refusal('ERR_STREAM_EXISTS', 'This session has its standalone stream open already');
    const keys$ = (kind: 'tools' | 'prompts' | 'resources'): Observable<Reply> =>
      catalog.changes$.pipe(
        map((snapshot) => fingerprint(snapshot.view(origin.namespace), kind)),
        distinctUntilChanged(),
        skip(1),
        map(() => ({ kind: 'notification', method: `notifications/${kind}/list_changed`, params: {} })),
      );
    const touch$ = interval(touchMs).pipe(
      tap(() => void sessions.get(session.id)),
      ignoreElements(),
    );
    return concat(of(open), merge(keys$('tools'), keys$('prompts'), keys$('resources'), touch$));
  };
