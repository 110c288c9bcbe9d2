/** The methods of MCP, by what a gateway does with them. */
import { taskMethods, type TaskMethod } from './tasks.js';

/** Methods that travel to one backend; everything else the gateway answers itself. */
export const routedMethods = ['tools/call', 'prompts/get', 'resources/read', 'completion/complete'] as const;
export type RoutedMethod = (typeof routedMethods)[number];

/** Methods that travel to one backend, those about one of its tasks included. */
export type BackendMethod = RoutedMethod | TaskMethod;

/** The lists that the gateway makes of those of all servers. */
export const listMethods = [
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
] as const;
export type ListMethod = (typeof listMethods)[number];

/** Opens a standing stream of what changes (2026 era). It has an id, and an answer only when the server ends it. */
export const listenMethod = 'subscriptions/listen';

/** The methods of requests that clients can send, of all revisions. */
export const requestMethods: ReadonlySet<string> = new Set([
  ...routedMethods,
  ...taskMethods,
  'tasks/list',
  listenMethod,
  'initialize',
  'server/discover',
  'ping',
  'logging/setLevel',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/subscribe',
  'resources/unsubscribe',
]);

/** Methods whose results carry `ttlMs` and `cacheScope` in revision 2026-07-28 (SEP-2549). */
export const cacheableMethods: ReadonlySet<string> = new Set([
  'server/discover',
  'tools/list',
  'prompts/list',
  'resources/list',
  'resources/templates/list',
  'resources/read',
]);

/**
 * Names under which things that are no JSON-RPC call travel the same pipeline, so that identity, session and limits hold for
 * them too. No client can use them: no revision's schema has such a method.
 */
export const internalMethods = {
  /** A client's answer to a request of ours (2025 era); `params.response` is the message. */
  response: '$/response',
  /** `GET`: the session's standalone stream (2025 era). */
  stream: '$/stream',
  /** `GET` with `Last-Event-ID`: the client comes back for a stream it has lost (2025 era). */
  resume: '$/resume',
  /** `DELETE`: the client ends its session (2025 era). */
  end: '$/end',
} as const;
