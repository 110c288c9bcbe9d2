import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { consoleHeaders } from './consoleHeaders.js';
import type { ApiAnswer } from './route.js';

/** Writes what a route answers. */
export const writeAnswer = (
  { method }: IncomingMessage,
  response: ServerResponse,
  { json, body, headers, write, status }: ApiAnswer,
): void => {
  if (write !== undefined) {
    if (method === 'HEAD') response.writeHead(200, consoleHeaders).end();
    else write(response);
    return;
  }
  const { type, content } = body ?? {
    type: 'application/json',
    content: json === undefined ? '' : JSON.stringify(json),
  };
  response.writeHead(status ?? (content.length === 0 ? 204 : 200), {
    ...consoleHeaders,
    'cache-control': 'no-store',
    ...(content.length > 0 && { 'content-type': type, 'content-length': Buffer.byteLength(content) }),
    ...(headers as OutgoingHttpHeaders | undefined),
  });
  response.end(method === 'HEAD' ? undefined : content);
};
