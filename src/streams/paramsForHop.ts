import type { Params } from '../protocol/jsonrpc.js';

const reserved = 'io.modelcontextprotocol/';

/**
 * The params of a call as they may cross to the next hop: with `replaced` put in, without what the protocol reserves for one
 * hop (`io.modelcontextprotocol/*`, the progress token). Unknown `_meta` keys and trace context are kept (2026-07-28: basic).
 */
export const paramsForHop = (params: Params | undefined, replaced: Params): Params => {
  const meta = params?.['_meta'];
  if (typeof meta !== 'object' || meta === null) return { ...params, ...replaced };
  const { _meta, ...rest } = params as { _meta: Readonly<Record<string, unknown>> };
  let kept: Record<string, unknown> | undefined;
  for (const key in _meta) {
    if (key === 'progressToken' || key.startsWith(reserved)) continue;
    (kept ??= {})[key] = _meta[key];
  }
  return kept === undefined ? { ...rest, ...replaced } : { ...rest, ...replaced, _meta: kept };
};
