import {
  catchError,
  concat,
  defer,
  EMPTY,
  isObservable,
  map,
  mergeMap,
  of,
  tap,
  type Observable,
} from 'rxjs';
import { headerOf } from '../protocol/classify.js';
import { GatewayError, refusal } from '../protocol/errors.js';
import { eventId, eventPlace, type EventPlace } from '../protocol/eventId.js';
import { internalMethods } from '../protocol/methods.js';
import type { Handler } from '../operators/handle.js';
import type { Kept, Missed, StoredEvent } from '../streams/events.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import type { OpenStreams } from '../streams/openStreams.js';
import type { Reply } from '../streams/reply.js';

/**
 * `GET` with `Last-Event-ID`: what the client has missed of that one stream, and then the stream itself, whichever verb opened
 * it (2025-11-25: basic/transports, resumability).
 *
 * ```
 * stream        --1--2--3-----4--r|
 * client        --1--x                     its connection is lost
 * resumeStream            (23)-4--r|       Last-Event-ID: 1
 * ```
 *
 * A stream that is still attached elsewhere is taken over: that connection is dead more often than its end has been noticed.
 * One that has ended and has nothing left is answered by 204, which tells a client to stop coming back (HTML standard, 9.2.3).
 *
 * A stream of an instance that is no more ends with an error for the request that it was to answer (`ERR_INSTANCE_LOST`): whether the
 * call was done nobody can say. A standalone stream owes no answer, so it goes on here, under ids of its own.
 *
 * @param standalone what a session's standalone stream brings
 * @returns a handler; throws `ERR_EVENT_UNKNOWN` for an id of another session, one that never was or is no longer kept
 */
export const resumeStream =
  (streams: OpenStreams, calls: LiveCalls, standalone: Handler): Handler =>
  (exchange) => {
    const { session, origin, outlet, notes } = exchange;
    if (session === undefined)
      throw refusal('ERR_METHOD_NOT_ALLOWED', 'This revision has no streams to resume', {
        headers: { allow: 'POST' },
      });
    const place = eventPlace(headerOf(origin.headers, 'last-event-id'));
    if (place === undefined) throw unknown();
    const replay = (missed: Missed): Observable<Reply> => {
      if (missed === 'unknown') throw unknown();
      if (missed === 'dropped') throw dropped();
      const { events, answers, more$ } = missed;
      const replayed = of<Reply>({ kind: 'replay', events });
      const stream = streams.find(session.id, place.streamId);
      if (stream !== undefined) return concat(replayed, stream.follow(outlet.valve));
      // It is not one that was lost in its turn that makes this one too many.
      if (answers === undefined) calls.endAway(session.id, internalMethods.stream);
      if (answers === undefined && !calls.has(session.id, internalMethods.stream, exchange)) {
        notes.goesOnAs = internalMethods.stream;
        const begun = standalone(exchange);
        return concat(replayed, isObservable(begun) ? begun : of(begun));
      }
      if (more$ !== undefined) return elsewhere(place, missed, more$);
      return events.length === 0 ? EMPTY : replayed;
    };
    const missed = streams.missed(session.id, place);
    return isObservable(missed) ? missed.pipe(mergeMap(replay)) : replay(missed);
  };

/** What was kept of another instance's stream, and how that goes on. */
const elsewhere = (
  { streamId, position }: EventPlace,
  { events, answers }: Kept,
  more$: Observable<readonly StoredEvent[]>,
): Observable<Reply> =>
  defer(() => {
    let last = position;
    return concat(of(events), more$).pipe(
      tap((sent) => (last = eventPlace(sent.at(-1)?.id)?.position ?? last)),
      catchError((error: unknown) => {
        if (!(error instanceof GatewayError) || answers === undefined) throw error;
        const data = JSON.stringify({ jsonrpc: '2.0', id: answers, error: error.toJsonRpc() });
        return of([{ id: eventId({ streamId, position: last + 1 }), data }]);
      }),
      map((sent): Reply => ({ kind: 'replay', events: sent })),
    );
  });

const unknown = () =>
  refusal('ERR_EVENT_UNKNOWN', 'Last-Event-ID names no event of this session, or one that is no longer kept');
const dropped = () =>
  refusal(
    'ERR_EVENT_UNKNOWN',
    'Events after Last-Event-ID are no longer kept: this stream can not be resumed without a gap',
  );
