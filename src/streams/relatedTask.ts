import { metaOf } from '../protocol/mcp.js';
import type { Params } from '../protocol/jsonrpc.js';
import { relatedTaskKey } from '../protocol/tasks.js';

/** Params or a result that say which task they belong to, by the id that the client knows (2025-11-25). */
export const withRelatedTask = (holder: Params, taskId: string): Params => ({
  ...holder,
  _meta: { ...metaOf(holder), [relatedTaskKey]: { taskId } },
});
