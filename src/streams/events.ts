/** What was sent on streams of the 2025 era, kept for clients that lose their connection and come back, over a store. */
import type { Observable } from 'rxjs';
import type { EventPlace } from '../protocol/eventId.js';
import type { RequestId } from '../protocol/jsonrpc.js';
import type { Prompt } from './sessions.js';

/** One event as its client gets it: an id and a JSON text. */
export interface StoredEvent {
  readonly id: string;
  readonly data: string;
}

/** What a stream's client has missed, the oldest first: never with a gap. */
export interface Kept {
  readonly events: readonly StoredEvent[];
  /** The request that the stream answers; undefined for a session's standalone stream. */
  readonly answers: RequestId | undefined;
  /**
   * What another instance still sends on it, up to its end; errors with `ERR_INSTANCE_LOST` once that instance is gone. Undefined for a
   * stream of this instance, and for one that has ended.
   */
  readonly more$?: Observable<readonly StoredEvent[]>;
}

/** `unknown`: the session has no such event, or none any more. `dropped`: some of what came after it had to make room. */
export type Missed = Kept | 'unknown' | 'dropped';

/**
 * Where events are kept, bounded for each session; beyond the bound the session's oldest are dropped. Sessions see nothing of
 * each other.
 */
export interface EventStore {
  /** Opens a stream: its position 0 is known from now on. Stream ids are never used twice. @param answers see {@link Kept} */
  open(sessionId: string, streamId: string, answers: RequestId | undefined): void;
  /** Keeps the next event of an open stream. Positions follow each other without a gap. */
  append(sessionId: string, place: EventPlace, data: string): void;
  /** All events of that stream after that place. What is open on this instance has to be at hand. */
  after(sessionId: string, place: EventPlace): Prompt<Missed>;
  /** No more events will come: what is kept may be forgotten after a while. */
  end(sessionId: string, streamId: string): void;
  /** Forgets all streams of a session. */
  endSession(sessionId: string): void;
  /** Events kept in all. */
  readonly size: number;
  close(): void;
}
