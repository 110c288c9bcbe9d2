import type { IncomingMessage } from 'node:http';

/** The id of the HTTP+SSE stream that a message is posted to; `''` where there is none. */
export const sseStreamOf = ({ url = '/' }: IncomingMessage): string =>
  new URLSearchParams(url.slice(url.indexOf('?') + 1)).get('sessionId') ?? '';
