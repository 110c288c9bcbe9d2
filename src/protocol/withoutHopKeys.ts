import { isObject, type Params } from './jsonrpc.js';
import { metaKeys } from './mcp.js';
import { relatedTaskKey } from './tasks.js';

/**
 * Something a server says, without what the protocol reserves in `_meta` for the hop it came by: `io.modelcontextprotocol/*` and the
 * progress token (2026-07-28: basic). Unknown keys are kept.
 *
 * Left in are what names a task, which is translated elsewhere, and who serves, which every result has and each revision replaces.
 */
export const withoutHopKeys = (holder: Params): Params => {
  const meta = holder['_meta'];
  if (!isObject(meta) || !Object.keys(meta).some(isOfHop)) return holder;
  const kept = Object.entries(meta).filter(([key]) => !isOfHop(key));
  const { _meta, ...rest } = holder;
  return kept.length === 0 ? rest : { ...rest, _meta: Object.fromEntries(kept) };
};

const isOfHop = (key: string): boolean =>
  key === 'progressToken' ||
  (key.startsWith('io.modelcontextprotocol/') && key !== relatedTaskKey && key !== metaKeys.serverInfo);
