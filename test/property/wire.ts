import type { SeenMessage } from '../support/messagesOf.js';

export type RequestId = string | number;

/** A request id with its type: `1` and `"1"` are two. */
export const keyOf = (id: unknown): string => `${typeof id} ${String(id)}`;

/** A request that was sent, and what it is owed. */
export interface SentRequest {
  readonly key: string;
  /** Of a call of the acting tool. */
  readonly nonce?: string;
  /** Cancelled or left before its answer was seen: it is owed none, and may have got one. */
  excused: boolean;
}

/** After the answer to `key` nothing of `nonce` may come: its cancellation had been processed before. */
export interface Fence {
  readonly key: string;
  readonly nonce: string;
}

/** One ordered stream of messages to one client: the response to a POST, or a whole channel. */
export class Wire {
  readonly label: string;
  readonly sent: SentRequest[] = [];
  readonly fences: Fence[] = [];
  readonly frames: SeenMessage[] = [];
  readonly eventIds: string[] = [];
  /** What was wrong with the wire itself. */
  readonly faults: string[] = [];
  /** Messages sent whose id could not be read: each may be answered by an error without an id. */
  unreadable = 0;
  /** The client has hung up for good. */
  left = false;
  ended = false;
  readonly #taken: (frame: SeenMessage, wire: Wire) => void;

  constructor(label: string, taken: (frame: SeenMessage, wire: Wire) => void) {
    this.label = label;
    this.#taken = taken;
  }

  /** Takes what came: one message, or the array that answers a batch. */
  take(value: unknown, eventId?: string): void {
    if (eventId !== undefined) {
      if (this.eventIds.includes(eventId)) this.faults.push(`the event ${eventId} came twice`);
      this.eventIds.push(eventId);
    }
    for (const frame of (Array.isArray(value) ? value : [value]) as SeenMessage[]) {
      this.frames.push(frame);
      this.#taken(frame, this);
    }
  }

  /** How many answers a request id has had. */
  answers(key: string): number {
    return this.frames.filter((frame) => frame.method === undefined && keyOf(frame.id) === key).length;
  }

  /** Whether every request has been answered or excused. */
  get settled(): boolean {
    if (this.left) return true;
    const owed = new Map<string, number>();
    for (const { key, excused } of this.sent) if (!excused) owed.set(key, (owed.get(key) ?? 0) + 1);
    for (const [key, count] of owed) if (this.answers(key) < count) return false;
    return true;
  }
}
