import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Person } from './person.js';
import type { SignIn } from './signIns.js';

/** A request to the admin API by somebody who may ask. */
export interface ApiRequest {
  readonly person: Person;
  /** Undefined for a program that shows its key. */
  readonly signIn: SignIn | undefined;
  /** What stands in the places of the route's path, decoded. */
  readonly at: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The JSON object that was sent; empty for a GET. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly request: IncomingMessage;
  /** Whose request it is, also behind a proxy that is trusted. */
  readonly address: string | undefined;
}

/** What a route answers; nothing but headers is a 204. */
export interface ApiAnswer {
  readonly json?: unknown;
  /** Where it is no JSON. */
  readonly body?: { readonly type: string; readonly content: string | Uint8Array };
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Where it is not 200, or 204 for nothing. */
  readonly status?: number;
  /** Takes the answer into its own hands. */
  readonly write?: (response: ServerResponse) => void;
}

/** One route of the admin API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Beneath `/api/v1`, with places: `/tools/{name}/call`. */
  readonly path: string;
  /** Whether a viewer may not. */
  readonly adminsOnly?: true;
  /** Largest body, in bytes; 64 KiB if not given. */
  readonly maxBytes?: number;
  /** May throw an `ApiError`. */
  readonly answer: (request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>;
}
