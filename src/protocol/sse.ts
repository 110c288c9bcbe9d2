/** Server-sent events as MCP frames them (HTML standard, 9.2; MCP transports). */

/** A JSON text as an event. JSON has no raw line break, so it is always a single `data:` line. */
export const sseEvent = (json: string): string => `event: message\ndata: ${json}\n\n`;

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
