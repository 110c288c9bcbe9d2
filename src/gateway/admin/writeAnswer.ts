import type { IncomingMessage, ServerResponse } from 'node:http';
import { consoleHeaders } from './consoleHeaders.js';
import type { ApiAnswer } from './route.js';

/** Writes what a route answers. @param status where it is not 200, or 204 for nothing */
export const writeAnswer = (
  { method }: IncomingMessage,
  response: ServerResponse,
  { json, body, headers, write }: ApiAnswer,
  status?: number,
): void => {
  if (write !== undefined) return write(response);
  const { type, content } = body ?? {
    type: 'application/json',
    content: json === undefined ? '' : JSON.stringify(json),
  };
  response.writeHead(status ?? (content.length === 0 ? 204 : 200), {
    ...consoleHeaders,
    'cache-control': 'no-store',
    ...(content.length > 0 && { 'content-type': type, 'content-length': Buffer.byteLength(content) }),
    ...headers,
  });
  response.end(method === 'HEAD' ? undefined : content);
};
