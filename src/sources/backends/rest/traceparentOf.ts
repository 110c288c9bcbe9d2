import type { Params } from '../../../protocol/jsonrpc.js';
import { metaOf } from '../../../protocol/mcp.js';

// W3C Trace Context, 3.2: version ff is invalid, and so are ids of zeros only.
const valid = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** The trace parent a call carries in `_meta`; undefined for none and for a malformed one, which is dropped and not an error. */
export const traceparentOf = (params: Params): string | undefined => {
  const value = metaOf(params)['traceparent'];
  return typeof value === 'string' && valid.test(value) ? value : undefined;
};
