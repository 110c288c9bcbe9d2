import type { SeenMessage } from './messagesOf.js';

/** An SSE event that has an id. */
export interface SeenEvent {
  readonly id: string;
  /** Undefined for a priming event. */
  readonly message: SeenMessage | undefined;
}

/** The events with ids in what has come on a connection so far, complete ones only; HTTP framing around them is skipped. */
export const sseEvents = (raw: string): readonly SeenEvent[] =>
  // A chunk of HTTP may end between two events, never inside of one: each is written at once.
  [...raw.matchAll(/^id: (\S+)\ndata: ?(.*)\n\n/gm)].map(([, id = '', data = '']) => ({
    id,
    message: data === '' ? undefined : (JSON.parse(data) as SeenMessage),
  }));
