import { randomBytes } from 'node:crypto';
import type { EventPlace } from '../protocol/eventId.js';
import type { RequestId } from '../protocol/jsonrpc.js';
import type { EventStore, Missed } from './events.js';
import { OpenStream, type AwayRoom, type StreamOwner } from './openStream.js';
import type { Prompt } from './sessions.js';

export interface OpenStreamsOptions {
  /** Where their events are kept. */
  readonly events: EventStore;
  readonly room: AwayRoom;
}

/** The resumable streams that are open, and what is kept of those that were. A call answered as JSON never comes here. */
export class OpenStreams {
  readonly #options: OpenStreamsOptions;
  readonly #open = new Map<string, OpenStream>();
  /** Tells the streams of this process from those of any other that shares the store. */
  readonly #prefix = randomBytes(6).toString('base64url');
  #count = 0;

  constructor(options: OpenStreamsOptions) {
    this.#options = options;
  }

  /** How many are open. */
  get size(): number {
    return this.#open.size;
  }

  /** Opens a stream in a session. @param answers the request it answers; undefined for the standalone stream */
  open(sessionId: string, owner: StreamOwner, answers: RequestId | undefined): OpenStream {
    const id = `${this.#prefix}-${(++this.#count).toString(36)}`;
    const key = keyOf(sessionId, id);
    const ended = (): void => void this.#open.delete(key);
    const stream = new OpenStream({ ...this.#options, id, sessionId, owner, answers, ended });
    this.#open.set(key, stream);
    return stream;
  }

  /** The session's open stream of that id. */
  find(sessionId: string, streamId: string): OpenStream | undefined {
    return this.#open.get(keyOf(sessionId, streamId));
  }

  /** What a client has missed that has seen the event at that place and nothing after it. */
  missed(sessionId: string, place: EventPlace): Prompt<Missed> {
    return this.#options.events.after(sessionId, place);
  }

  /** Forgets what was kept for a session that has ended. Its open streams end with their calls. */
  endSession(sessionId: string): void {
    this.#options.events.endSession(sessionId);
  }
}

const keyOf = (sessionId: string, streamId: string): string => `${sessionId} ${streamId}`;
