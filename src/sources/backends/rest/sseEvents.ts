import { createParser } from 'eventsource-parser';
import type { PartParser } from './partParser.js';

/**
 * The data of server-sent events. Event types, ids and retry times mean nothing to a tool's caller; comments are heartbeats.
 *
 * An event at the very end counts even without the empty line after it: the connection ended well, so it is whole.
 *
 * @param onPart called with each event's data
 * @param limit characters of an event; a longer one makes `push` return false
 */
export const sseEvents = (onPart: (data: string) => void, limit: number): PartParser => {
  let tooLong = false;
  const parser = createParser({
    maxBufferSize: limit,
    onEvent: ({ data }) => onPart(data),
    onError: ({ type }) => {
      // Unknown fields and bad retry times are to be ignored (HTML standard, 9.2.6).
      if (type === 'max-buffer-size-exceeded') tooLong = true;
    },
  });
  return {
    push(text) {
      parser.feed(text);
      return !tooLong;
    },
    end: () => parser.feed('\n\n'),
  };
};
