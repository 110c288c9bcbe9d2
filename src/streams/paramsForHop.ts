import { isObject, type Params } from '../protocol/jsonrpc.js';
import { remaining } from '../protocol/remaining.js';
import { traceContext, type TraceContext } from '../protocol/traceContext.js';

const reserved = 'io.modelcontextprotocol/';
/** Written anew for each hop. */
const hopKeys: ReadonlySet<string> = new Set(['__proto__', 'progressToken', remaining.meta]);

/**
 * The params of a call as they may cross to the next hop: with `replaced` put in, without what the protocol reserves for one
 * hop (`io.modelcontextprotocol/*`, the progress token, the time left). Unknown `_meta` keys are kept (2026-07-28: basic), and so is trace context as
 * far as it is well-formed.
 */
export const paramsForHop = (params: Params | undefined, replaced: Params): Params => {
  // Key by key: spreading an object without one of its keys costs five times as much.
  const out: Record<string, unknown> = {};
  for (const key in params) {
    // Assigning it would give `out` a prototype of the sender's making, which is read and not sent.
    if (key === '__proto__') continue;
    if (key !== '_meta') out[key] = params[key];
    else {
      const meta = metaForHop(params[key]);
      if (meta !== undefined) out[key] = meta;
    }
  }
  for (const key in replaced) out[key] = replaced[key];
  return out;
};

const metaForHop = (meta: unknown): Params | undefined => {
  if (!isObject(meta)) return undefined;
  let kept: Record<string, unknown> | undefined;
  let trace: TraceContext | undefined;
  for (const key in meta) {
    if (hopKeys.has(key) || key.startsWith(reserved)) continue;
    let value = meta[key];
    if (key === 'traceparent' || key === 'tracestate' || key === 'baggage') {
      value = (trace ??= traceContext(meta))[key];
      if (value === undefined) continue;
    }
    (kept ??= {})[key] = value;
  }
  return kept;
};
