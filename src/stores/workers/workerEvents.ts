import {
  asyncScheduler,
  concat,
  exhaustMap,
  interval,
  map,
  mergeMap,
  of,
  startWith,
  takeWhile,
  throwError,
  type Observable,
} from 'rxjs';
import { eventPlace, type EventPlace } from '../../protocol/eventId.js';
import type { EventStore, Missed, StoredEvent } from '../../streams/events.js';
import { instanceLost } from '../instanceLost.js';
import { memoryEvents, type MemoryEventsOptions } from '../memoryEvents.js';
import type { BookLink } from './bookLink.js';
import type { EventChange, MissedThere } from './messages.js';

export interface WorkerEventsOptions extends Omit<MemoryEventsOptions, 'changed'> {
  readonly link: BookLink;
}

/** How often a stream that another worker still sends is looked at, in milliseconds. */
const followMs = 250;

/**
 * Events in this worker, and a copy of them in the book for those who take its sessions over. What is open here is read here; what
 * happens in one turn of the event loop is copied in one message.
 */
export const workerEvents = ({ link, ...options }: WorkerEventsOptions): EventStore => {
  const { scheduler = asyncScheduler } = options;
  const local = memoryEvents(options);
  let changes: EventChange[] = [];
  const note = (change: EventChange): void => {
    if (changes.push(change) > 1) return;
    setImmediate(() => {
      const noted = changes;
      changes = [];
      link.tell({ ask: 'keep', changes: noted });
    });
  };
  const there = (sessionId: string, place: EventPlace): Observable<MissedThere> =>
    link.ask({ ask: 'missed', sessionId, place }).pipe(map(({ missed = 'unknown' }) => missed));
  const more = (sessionId: string, from: EventPlace): Observable<readonly StoredEvent[]> => {
    let place = from;
    return interval(followMs, scheduler).pipe(
      startWith(0),
      exhaustMap(() => there(sessionId, place)),
      mergeMap((missed) => {
        if (typeof missed === 'string') return of({ events: [], rest: 'ended' as const });
        const position = eventPlace(missed.events.at(-1)?.id)?.position ?? place.position;
        place = { ...place, position };
        return missed.rest === 'lost'
          ? concat(
              of(missed),
              throwError(() => instanceLost('call')),
            )
          : of(missed);
      }),
      takeWhile(({ rest }) => rest !== 'ended', true),
      map(({ events }) => events),
    );
  };

  return {
    ...local,
    get size() {
      return local.size;
    },
    open(sessionId, streamId, answers) {
      local.open(sessionId, streamId, answers);
      note({ kind: 'open', sessionId, streamId, answers });
    },
    append(sessionId, place, data) {
      local.append(sessionId, place, data);
      note({ kind: 'append', sessionId, place, data });
    },
    end(sessionId, streamId) {
      local.end(sessionId, streamId);
      note({ kind: 'end', sessionId, streamId });
    },
    endSession(sessionId) {
      local.endSession(sessionId);
      note({ kind: 'endSession', sessionId });
    },
    after(sessionId, place) {
      const missed = local.after(sessionId, place);
      if (missed !== 'unknown' || local.stream(sessionId, place.streamId) !== undefined) return missed;
      return there(sessionId, place).pipe(
        map((found): Missed => {
          if (typeof found === 'string') return found;
          const { events, answers, rest } = found;
          if (rest === 'ended') return { events, answers };
          const position = eventPlace(events.at(-1)?.id)?.position ?? place.position;
          return { events, answers, more$: more(sessionId, { ...place, position }) };
        }),
      );
    },
  };
};
