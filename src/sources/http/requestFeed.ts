import type { IncomingMessage, ServerResponse } from 'node:http';

export type RequestTaker = (request: IncomingMessage, response: ServerResponse) => void;

/** Where HTTP requests come from: a `node:http` server, or a part of what it gets. */
export interface RequestFeed {
  on(event: 'request', taker: RequestTaker): unknown;
  off(event: 'request', taker: RequestTaker): unknown;
}
