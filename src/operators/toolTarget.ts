import type { Params } from '../protocol/jsonrpc.js';
import { isRepeatable } from '../protocol/mcp.js';
import type { Target } from '../streams/exchange.js';
import type { ToolEntry } from '../streams/slice.js';

/** A target that is a tool of the catalogue; see {@link plainTarget} for all others. */
export const toolTarget = (
  { server, upstream, check, timeoutMs, times, rule, offeredAsTask }: ToolEntry,
  params: Params,
): Target => ({
  server,
  method: 'tools/call',
  params,
  tool: upstream,
  validate: check,
  repeatable: isRepeatable(upstream),
  timeoutMs,
  times,
  rule,
  offeredAsTask,
  tasks: undefined,
  preferred: undefined,
});
