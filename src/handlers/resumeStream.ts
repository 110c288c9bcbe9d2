import { concat, EMPTY, isObservable, mergeMap, of, type Observable } from 'rxjs';
import { headerOf } from '../protocol/classify.js';
import { refusal } from '../protocol/errors.js';
import { eventPlace } from '../protocol/eventId.js';
import type { Handler } from '../operators/handle.js';
import type { Missed } from '../streams/events.js';
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
 * @returns a handler; throws `ERR_EVENT_UNKNOWN` for an id of another session, one that never was or is no longer kept
 */
export const resumeStream =
  (streams: OpenStreams): Handler =>
  ({ session, origin, outlet }) => {
    if (session === undefined)
      throw refusal('ERR_METHOD_NOT_ALLOWED', 'This revision has no streams to resume', {
        headers: { allow: 'POST' },
      });
    const place = eventPlace(headerOf(origin.headers, 'last-event-id'));
    if (place === undefined) throw unknown();
    const replay = (missed: Missed): Observable<Reply> => {
      if (missed === 'unknown') throw unknown();
      if (missed === 'dropped') throw dropped();
      const stream = streams.find(session.id, place.streamId);
      if (stream === undefined) return missed.length === 0 ? EMPTY : of({ kind: 'replay', events: missed });
      return concat(of<Reply>({ kind: 'replay', events: missed }), stream.follow(outlet.valve));
    };
    const missed = streams.missed(session.id, place);
    return isObservable(missed) ? missed.pipe(mergeMap(replay)) : replay(missed);
  };

const unknown = () =>
  refusal('ERR_EVENT_UNKNOWN', 'Last-Event-ID names no event of this session, or one that is no longer kept');
const dropped = () =>
  refusal(
    'ERR_EVENT_UNKNOWN',
    'Events after Last-Event-ID are no longer kept: this stream can not be resumed without a gap',
  );
