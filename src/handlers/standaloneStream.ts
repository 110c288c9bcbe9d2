import {
  catchError,
  concat,
  EMPTY,
  from,
  ignoreElements,
  interval,
  isObservable,
  map,
  merge,
  mergeMap,
  of,
  type Observable,
} from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { internalMethods } from '../protocol/methods.js';
import type { Handler } from '../operators/handle.js';
import type { Catalog } from '../streams/catalog.js';
import type { Change } from '../streams/change.js';
import { coalesceChanges } from '../streams/coalesceChanges.js';
import type { Elicitations } from '../streams/elicitations.js';
import type { ListKind } from '../streams/fingerprint.js';
import type { Latest } from '../streams/latest.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import { listChanges } from '../streams/listChanges.js';
import type { Concerns } from '../streams/policies.js';
import { open, type NotificationReply } from '../streams/reply.js';
import type { SessionStore } from '../streams/sessions.js';
import type { SubscriptionsOfSessions } from '../streams/subscriptionsOfSessions.js';
import { viewpointOf } from '../streams/viewpointOf.js';
import { notificationOf } from './notificationOf.js';

export interface StandaloneStreamOptions {
  readonly catalog: Latest<Catalog>;
  /** Emits when other things may be shown in lists than before, because of policies. */
  readonly policies$: Observable<Concerns>;
  readonly calls: LiveCalls;
  readonly sessions: SessionStore;
  /** How often the open stream prolongs its session, in milliseconds: a client that listens is there. */
  readonly touchMs: number;
  /** What sessions have subscribed to. */
  readonly ofSessions: SubscriptionsOfSessions;
  readonly elicitations: Elicitations;
  /** Of each list and each resource at most one notification in so many milliseconds. */
  readonly everyMs: number;
}

/**
 * `GET`: a session's standalone stream, one at a time (2025-11-25: transports, listening for messages). Brings
 * `list_changed` when the catalogue changes for this endpoint, `resources/updated` for what the session subscribed to, and
 * `elicitation/complete` for what the session was asked for by URL. One that goes on after it was lost with another instance begins
 * with all lists: they may have changed meanwhile.
 */
export const standaloneStream =
  ({
    catalog,
    policies$,
    calls,
    sessions,
    ofSessions,
    elicitations,
    touchMs,
    everyMs,
  }: StandaloneStreamOptions): Handler =>
  (exchange) => {
    const { session, outlet, notes } = exchange;
    if (session === undefined)
      throw refusal('ERR_METHOD_NOT_ALLOWED', 'This revision has no standalone stream', {
        headers: { allow: 'POST' },
      });
    // A client that asks for a new stream will not come back for the one it has lost.
    calls.endAway(session.id, internalMethods.stream);
    if (calls.has(session.id, internalMethods.stream, exchange))
      throw refusal('ERR_STREAM_EXISTS', 'This session has its standalone stream open already');
    const changes$ = merge<Change[]>(
      // Nobody has looked at the lists for this client since its stream was lost.
      notes.goesOnAs === undefined ? EMPTY : from(lists.map((list): Change => ({ kind: 'list', list }))),
      listChanges(catalog, viewpointOf(exchange), lists, policies$),
      ofSessions.changes(session.id),
    ).pipe(coalesceChanges({ everyMs, valve: outlet.valve }), map(notificationOf));
    const touch$ = interval(touchMs).pipe(
      mergeMap(() => {
        const prolonged = outlet.away === true ? undefined : sessions.get(session.id);
        // A store that is away now may be there the next time: the stream stays.
        return isObservable(prolonged) ? prolonged.pipe(catchError(() => EMPTY)) : EMPTY;
      }),
      ignoreElements(),
    );
    // Beneath changes$, which is to hear of it: a session that comes from another instance is subscribed to nothing yet.
    const restored$ = ofSessions.restore(session.id, viewpointOf(exchange), session.watched ?? []);
    const completed$ = elicitations.of(session.id, outlet.valve).pipe(map(completed));
    return concat(of(open), merge(changes$, completed$, touch$, restored$));
  };

const lists: readonly ListKind[] = ['tools', 'prompts', 'resources'];

const completed = (elicitationId: string): NotificationReply => ({
  kind: 'notification',
  method: 'notifications/elicitation/complete',
  params: { elicitationId },
});
