import { StringDecoder } from 'node:string_decoder';
import { createParser } from 'eventsource-parser';

/** Longest event, in characters. */
const maxEvent = 32 * 1024 * 1024;

/** A server-sent event. */
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string | undefined;
  readonly data: string;
}

/** Cuts chunks of a body into events. @param onRetry told how long to wait before coming back, in milliseconds */
export const events = (
  onEvent: (event: ServerSentEvent) => void,
  onRetry: (ms: number) => void = () => undefined,
): ((chunk: Buffer) => void) => {
  const text = new StringDecoder('utf8');
  const parser = createParser({
    maxBufferSize: maxEvent,
    onRetry,
    onEvent: ({ id, event, data }) => onEvent({ id, event, data }),
  });
  return (chunk) => parser.feed(text.write(chunk));
};
