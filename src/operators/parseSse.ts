import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';
import { Observable, type OperatorFunction } from 'rxjs';
import { refusal } from '../protocol/errors.js';

/** One server-sent event. */
export interface SseEvent {
  readonly id?: string;
  /** Its type; absent where the stream named none (`message`). */
  readonly event?: string;
  /** Milliseconds to wait before a reconnect, when the stream said so since the last event. */
  readonly retry?: number;
  /** Empty for an event that only carries an id or a `retry`. */
  readonly data: string;
}

export interface ParseSseOptions {
  /** Longest event, in characters as they arrive; what is longer ends the stream with `ERR_UPSTREAM_FAILED`. */
  readonly maxEventBytes: number;
}

/**
 * Cuts a byte stream into server-sent events.
 *
 * ```
 * chunks     --da-ta:x--⏎⏎:c⏎--|      characters may be split between chunks
 * parseSse   -----------e------|      a comment is no event
 * ```
 *
 * Synchronous: events leave in the turn their last byte came, so a paused source stays paused. An event that the stream's end
 * cuts short is dropped, as the standard has it.
 *
 * @returns events. Errors: `ERR_UPSTREAM_TOO_LARGE` for an event beyond the bound
 */
export const parseSse = ({ maxEventBytes }: ParseSseOptions): OperatorFunction<Uint8Array, SseEvent> => {
  if (!(maxEventBytes > 0)) throw new TypeError('parseSse: maxEventBytes must be a positive number of bytes');
  return (source) =>
    new Observable((subscriber) => {
      const text = new StringDecoder('utf8');
      let first = true;
      let retry: number | undefined;
      const parser = createParser({
        // Unbounded by default.
        maxBufferSize: maxEventBytes,
        onRetry: (milliseconds) => (retry = milliseconds),
        onError: (error) => {
          if (error.type === 'max-buffer-size-exceeded')
            subscriber.error(
              refusal('ERR_UPSTREAM_TOO_LARGE', 'The backend sent an event that is too large'),
            );
          // Unknown fields and bad `retry` values are to be ignored (WHATWG HTML, 9.2.6).
        },
        onEvent: ({ id, event, data }) => {
          subscriber.next({
            ...(id === undefined ? undefined : { id }),
            ...(event === undefined ? undefined : { event }),
            ...(retry === undefined ? undefined : { retry }),
            data,
          });
          retry = undefined;
        },
      });
      return source.subscribe({
        next: (chunk) => {
          const piece = text.write(chunk);
          if (piece === '' || subscriber.closed) return;
          parser.feed(first && piece.startsWith('\uFEFF') ? piece.slice(1) : piece);
          first = false;
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => {
          if (retry !== undefined) subscriber.next({ retry, data: '' });
          subscriber.complete();
        },
      });
    });
};
