import { metaOf } from '../../../protocol/mcp.js';
import { remaining } from '../../../protocol/remaining.js';
import { traceContext } from '../../../protocol/traceContext.js';
import type { BackendCall } from '../../../streams/backend.js';
import { remainingMs } from '../remainingMs.js';

/** What a call says of itself to a service besides its arguments: valid trace context, and the time that is left for it. */
export const hopHeaders = (call: BackendCall): Record<string, string> => {
  const headers: Record<string, string> = { ...traceContext(metaOf(call.params)) };
  const left = remainingMs(call);
  if (left !== undefined) headers[remaining.header] = String(left);
  return headers;
};
