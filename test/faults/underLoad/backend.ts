import type { IncomingMessage, ServerResponse } from 'node:http';

/** The kinds of servers that are hurt: a REST service, and native MCP servers of either era, made with the official SDK. */
export type BackendKind = 'rest' | 'legacy' | 'modern';

/** What an instance does: `read` and `export` may be repeated, `pay` and `transfer` may not; the second of each streams its answer. */
export const work = {
  read: { repeatable: true, parts: 0 },
  pay: { repeatable: false, parts: 0 },
  export: { repeatable: true, parts: 5 },
  transfer: { repeatable: false, parts: 5 },
} as const;

export type Work = keyof typeof work;

/** Milliseconds between the parts of a streamed answer. */
export const paceMs = 20;

/** Serves a request whose body has been read. */
export type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => unknown;

/** Does the work: writes it down, whatever happens to the process then. */
export type Did = (what: Work, key: string) => void;
