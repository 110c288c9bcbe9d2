import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  exhaustMap,
  interval,
  isObservable,
  map,
  mergeMap,
  of,
  startWith,
  takeWhile,
  throwError,
  type Observable,
} from 'rxjs';
import { eventId, eventPlace, type EventPlace } from '../../protocol/eventId.js';
import type { EventStore, Missed, StoredEvent } from '../../streams/events.js';
import { instanceLost } from '../instanceLost.js';
import { memoryEvents, type MemoryEventsOptions } from '../memoryEvents.js';
import { EventMirror, partKey, streamKey } from './eventMirror.js';
import type { Instances } from './hazelcastInstances.js';
import type { HazelcastLink } from './hazelcastLink.js';
import { keptStream, type Run, type StoredStream } from './keptStream.js';

export interface HazelcastEventsOptions extends Omit<MemoryEventsOptions, 'changed'> {
  readonly link: HazelcastLink;
  readonly instances: Pick<Instances, 'self' | 'find'>;
}

/** An event store whose streams any instance can look up. */
export interface SharedEvents extends EventStore {
  /** Resolves when all that has been given to it is on the cluster. */
  written(): Promise<void>;
}

/** The name of the map on the members. */
const name = 'sluice.events';
/** An open stream stays on the members so long after its instance wrote to it last, in milliseconds. */
const openMs = 20 * 60_000;
/** How often a stream that another instance still sends is looked at, in milliseconds. */
const followMs = 250;

/**
 * Events in this process, and a copy of them on a Hazelcast cluster for the other instances.
 *
 * What is open here is read here; only an instance that has taken a session over reads the copy. So the bounds are those of
 * {@link memoryEvents}, and no call waits for the cluster. The copy follows within about a millisecond; an instance that is killed takes
 * with it what it had not copied yet.
 */
export const hazelcastEvents = ({ link, instances, ...options }: HazelcastEventsOptions): SharedEvents => {
  const { scheduler = asyncScheduler } = options;
  const local = memoryEvents({
    ...options,
    changed: (sessionId, streamId) => mirror.changed(sessionId, streamId),
  });
  const { stream } = local;
  const mirror = new EventMirror({
    link,
    name,
    self: instances.self,
    stream,
    openMs,
    ttlMs: options.ttlMs,
    scheduler,
  });
  const renewing = interval(openMs / 3, scheduler).subscribe(() => mirror.renew());

  const partsOf = (
    key: string,
    { parts, tail }: StoredStream,
    position: number,
  ): Observable<readonly Run[]> => {
    const needed = parts.filter((_, index) => (parts[index + 1] ?? tail.from) > position + 1);
    if (needed.length === 0) return of([]);
    return link
      .use(name, (streams) => streams.getAll(needed.map((part) => partKey(key, part))))
      .pipe(
        map((found) =>
          found.map(([, text]) => keptStream.readPart(text as string)).sort((a, b) => a.from - b.from),
        ),
      );
  };
  const read = (sessionId: string, place: EventPlace): Observable<Missed> => {
    const key = streamKey(sessionId, place.streamId);
    return link
      .use(name, (streams) => streams.get(key))
      .pipe(
        mergeMap((text): Observable<Missed> => {
          if (typeof text !== 'string') return of('unknown');
          const stored = keptStream.read(text);
          const { answers, last, dropped, ended } = stored;
          if (place.position < dropped) return of('dropped');
          // The client of a stream that broke off may have seen more than was copied.
          if (place.position > last && ended) return of('unknown');
          return partsOf(key, stored, place.position).pipe(
            map((runs): Missed => {
              const events = eventsOf([...runs, stored.tail], place);
              if (events.length < last - place.position) return 'dropped';
              if (ended) return { events, answers };
              const seen = Math.max(last, place.position);
              return { events, answers, more$: more(sessionId, stored.holder, { ...place, position: seen }) };
            }),
          );
        }),
      );
  };
  const more = (sessionId: string, holder: string, place: EventPlace): Observable<readonly StoredEvent[]> =>
    defer(() => {
      let position = place.position;
      // Its holder first: what it wrote as its last is then there to be read.
      const look = (): Observable<{ readonly events: readonly StoredEvent[]; readonly goesOn: boolean }> =>
        held(holder).pipe(
          mergeMap((lives) =>
            read(sessionId, { ...place, position }).pipe(
              mergeMap((missed) => {
                const events = typeof missed === 'string' ? [] : missed.events;
                position = eventPlace(events.at(-1)?.id)?.position ?? position;
                const goesOn = typeof missed !== 'string' && missed.more$ !== undefined;
                const step = of({ events, goesOn });
                return goesOn && !lives
                  ? concat(
                      step,
                      throwError(() => instanceLost('call')),
                    )
                  : step;
              }),
            ),
          ),
        );
      return interval(followMs, scheduler).pipe(
        startWith(0),
        exhaustMap(() =>
          look().pipe(catchError((error: unknown) => (isAway(error) ? EMPTY : throwError(() => error)))),
        ),
        takeWhile(({ goesOn }) => goesOn, true),
        map(({ events }) => events),
      );
    });
  const held = (holder: string): Observable<boolean> => {
    if (holder === instances.self) return of(false);
    const home = instances.find(holder);
    return (isObservable(home) ? home : of(home)).pipe(map((found) => found !== undefined));
  };

  return {
    ...local,
    get size() {
      return local.size;
    },
    after(sessionId, place) {
      const missed = local.after(sessionId, place);
      return missed === 'unknown' && stream(sessionId, place.streamId) === undefined
        ? read(sessionId, place)
        : missed;
    },
    written: () => mirror.written(),
    close() {
      renewing.unsubscribe();
      mirror.close();
      local.close();
    },
  };
};

const eventsOf = (runs: readonly Run[], { streamId, position }: EventPlace): readonly StoredEvent[] =>
  runs.flatMap(({ from, data }) =>
    data.flatMap((text, index) =>
      from + index > position ? [{ id: eventId({ streamId, position: from + index }), data: text }] : [],
    ),
  );

const isAway = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STORE_AWAY';
