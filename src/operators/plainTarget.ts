import type { Params } from '../protocol/jsonrpc.js';
import type { Target } from '../streams/exchange.js';
import type { ServerState } from '../streams/serverState.js';

/** A target that is no tool: it may be sent twice, and has no rules of its own. Every slot in its place, as `Target` wants it. */
export const plainTarget = (
  server: ServerState,
  method: Target['method'],
  params: Params,
  tasks?: Target['tasks'],
  preferred?: Target['preferred'],
): Target => ({
  server,
  method,
  params,
  tool: undefined,
  validate: undefined,
  repeatable: true,
  timeoutMs: server.settings.timeoutMs,
  times: server.settings.times,
  rule: undefined,
  offeredAsTask: false,
  tasks,
  preferred,
});
