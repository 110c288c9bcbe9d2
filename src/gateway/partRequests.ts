import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { RequestFeed } from '../sources/http/requestFeed.js';

/**
 * Parts what an HTTP server gets in two, so that two sources can share it.
 *
 * @param isTheirs which requests go to the first; asked for each
 */
export const partRequests = (
  server: RequestFeed,
  isTheirs: (request: IncomingMessage) => boolean,
): readonly [theirs: RequestFeed, rest: RequestFeed] => {
  const [theirs, rest] = [new EventEmitter(), new EventEmitter()];
  server.on('request', (request, response) => {
    (isTheirs(request) ? theirs : rest).emit('request', request, response);
  });
  return [theirs, rest];
};
