import { Observable, type Subscriber } from 'rxjs';
import { eventId } from '../protocol/eventId.js';
import type { RequestId } from '../protocol/jsonrpc.js';
import type { EventStore, StoredEvent } from './events.js';
import type { EndReply, Reply } from './reply.js';
import type { Valve } from './valve.js';

/** The outlet a stream was opened by. */
export interface StreamOwner {
  /** The demand of whoever reads the stream at the moment. */
  readonly valve: Valve;
  /** Closes its connection: somebody has come back for the stream on another one. */
  letGo(): void;
}

/** How much may come for a client that is away before its backend is paused. */
export interface AwayRoom {
  readonly events: number;
  readonly bytes: number;
}

export interface OpenStreamOptions {
  readonly id: string;
  readonly sessionId: string;
  readonly owner: StreamOwner;
  /** The request that it answers; undefined for a standalone stream. */
  readonly answers: RequestId | undefined;
  readonly events: EventStore;
  readonly room: AwayRoom;
  readonly ended: () => void;
}

/**
 * An SSE stream that outlives its connection (2025-11-25: basic/transports, resumability). Its events are kept as they are
 * sent; whoever comes back for it takes it over, one reader at a time.
 *
 * > Pausing loses nothing: when much has come for a client that is away, the backend waits for it rather than being forgotten.
 */
export class OpenStream {
  readonly id: string;
  readonly #options: OpenStreamOptions;
  #position = 0;
  #owned = true;
  #ended = false;
  #reader: Subscriber<Reply> | undefined;
  #awayEvents = 0;
  #awayBytes = 0;
  #awaySince: number | undefined;

  constructor(options: OpenStreamOptions) {
    this.id = options.id;
    this.#options = options;
    options.events.open(options.sessionId, options.id, options.answers);
  }

  /** The id of the event that says nothing but where the stream begins. */
  get primingId(): string {
    return eventId({ streamId: this.id, position: 0 });
  }

  /** Since when nobody reads it, as `performance.now()` tells; undefined while somebody does. */
  get awaySince(): number | undefined {
    return this.#awaySince;
  }

  /** Keeps the next event, and hands it to the reader if there is one. */
  push(data: string): StoredEvent {
    const { events, sessionId, room, owner } = this.#options;
    const place = { streamId: this.id, position: ++this.#position };
    const event = { id: eventId(place), data };
    events.append(sessionId, place, data);
    if (this.#reader !== undefined) this.#reader.next({ kind: 'replay', events: [event] });
    else if (this.#awaySince !== undefined) {
      this.#awayEvents++;
      this.#awayBytes += data.length;
      if (this.#awayEvents >= room.events || this.#awayBytes >= room.bytes) owner.valve.pause();
    }
    return event;
  }

  /** Ends the connection of whoever has come back for it, for them to do so once more. */
  release(): void {
    this.#reader?.complete();
  }

  /** The connection it was opened on is gone. */
  leave(): void {
    this.#owned = false;
    if (this.#reader === undefined) this.#unread();
  }

  /**
   * What comes from now on, for a client that has come back: takes the stream over from whoever reads it.
   *
   * @param demand of the new reader
   */
  follow(demand: Valve): Observable<Reply> {
    return new Observable((subscriber) => {
      if (this.#ended) return subscriber.complete();
      const { owner } = this.#options;
      const before = this.#reader;
      this.#reader = subscriber;
      this.#awaySince = undefined;
      before?.complete();
      if (this.#owned) owner.letGo();
      this.#owned = false;
      owner.valve.resume();
      const attached = demand.attach(owner.valve);
      return () => {
        attached.unsubscribe();
        if (this.#reader !== subscriber) return;
        this.#reader = undefined;
        if (!this.#ended) this.#unread();
      };
    });
  }

  /** Nothing more will come. @param last what the reader is told of an end without an answer */
  end(last?: EndReply): void {
    if (this.#ended) return;
    this.#ended = true;
    const { events, sessionId, ended } = this.#options;
    events.end(sessionId, this.id);
    ended();
    if (last !== undefined) this.#reader?.next(last);
    this.#reader?.complete();
  }

  #unread(): void {
    this.#awaySince = performance.now();
    this.#awayEvents = this.#awayBytes = 0;
    // Whoever still sends must not wait for a drain that will never come.
    this.#options.owner.valve.resume();
  }
}
