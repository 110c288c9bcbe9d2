import { eventId, type EventPlace } from '../../protocol/eventId.js';
import { memoryEvents, type MemoryEvents, type MemoryEventsOptions } from '../memoryEvents.js';
import type { EventChange, MissedThere } from './messages.js';

interface Held {
  /** The worker that sends it. */
  readonly holder: string;
  last: number;
}

/**
 * The events of the streams of all workers: kept by the process that lives as long as any of them, for clients whose worker is gone.
 *
 * > A stream of which a part has not arrived is given up, never told with a gap.
 */
export class EventBook {
  readonly #events: MemoryEvents;
  readonly #held = new Map<string, Held>();

  constructor(options: Omit<MemoryEventsOptions, 'changed'>) {
    this.#events = memoryEvents({
      ...options,
      changed: (sessionId, streamId) => {
        if (this.#events.stream(sessionId, streamId) === undefined)
          this.#held.delete(keyOf(sessionId, streamId));
      },
    });
  }

  /** How many events are kept. */
  get size(): number {
    return this.#events.size;
  }

  /** Takes what has happened on a worker, in its order. */
  keep(holder: string, changes: readonly EventChange[]): void {
    for (const change of changes) this.#take(holder, change);
  }

  /** What a client has missed. @param lives whether a worker is there */
  missed(sessionId: string, place: EventPlace, lives: (instance: string) => boolean): MissedThere {
    const { streamId, position } = place;
    const kept = this.#events.stream(sessionId, streamId);
    const held = this.#held.get(keyOf(sessionId, streamId));
    if (kept === undefined || held === undefined) return 'unknown';
    if (position < kept.dropped) return 'dropped';
    // The client of a stream that broke off may have seen more than has come here.
    if (position > kept.last && kept.ended) return 'unknown';
    const events = kept.after(position).map((event) => ({ id: eventId(event.place), data: event.data }));
    const rest = kept.ended ? 'ended' : lives(held.holder) ? 'coming' : 'lost';
    return { events, answers: kept.answers, rest };
  }

  /** Forgets all streams of a session. */
  endSession(sessionId: string): void {
    this.#events.endSession(sessionId);
  }

  close(): void {
    this.#events.close();
  }

  #take(holder: string, change: EventChange): void {
    const { sessionId } = change;
    switch (change.kind) {
      case 'open':
        this.#held.set(keyOf(sessionId, change.streamId), { holder, last: 0 });
        return this.#events.open(sessionId, change.streamId, change.answers);
      case 'append': {
        const { streamId, position } = change.place;
        const held = this.#held.get(keyOf(sessionId, streamId));
        if (held?.holder !== holder) return;
        if (position !== held.last + 1) return void this.#held.delete(keyOf(sessionId, streamId));
        held.last = position;
        return this.#events.append(sessionId, change.place, change.data);
      }
      case 'end':
        return this.#events.end(sessionId, change.streamId);
      case 'endSession':
        return this.endSession(sessionId);
    }
  }
}

const keyOf = (sessionId: string, streamId: string): string => `${sessionId} ${streamId}`;
