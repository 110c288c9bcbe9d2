/** Server-sent events as MCP frames them (HTML standard, 9.2; MCP transports). */

/** A JSON text as an event, with its id if it has one. JSON has no raw line break, so it is always a single `data:` line. */
export const sseEvent = (json: string, id?: string): string =>
  id === undefined ? `event: message\ndata: ${json}\n\n` : `event: message\nid: ${id}\ndata: ${json}\n\n`;

/**
 * An event that says nothing but its id, for a client to come back with (2025-11-25: basic/transports, SEP-1699).
 *
 * @param retryMs how long it should wait before that, should the connection break, in milliseconds
 */
export const ssePriming = (id: string, retryMs: number): string => `retry: ${retryMs}\nid: ${id}\ndata:\n\n`;

/** How long a client should wait, in milliseconds, before it comes back for a stream whose connection is closed. */
export const sseRetry = (ms: number): string => `retry: ${ms}\n\n`;

/** One message as an event. */
export const sseFrame = (message: unknown): string => sseEvent(JSON.stringify(message));

/** A comment that keeps an idle stream open through load balancers. */
export const sseHeartbeat = ': keep-alive\n\n';

/** Headers of a stream: no proxy may buffer, transform or cache it. */
export const sseHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;
