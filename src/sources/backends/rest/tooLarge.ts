import type { CallToolResult } from '../../../protocol/mcp.js';
import { toolError } from './toolError.js';

/** The result for an answer, or one part of it, of more than `limit` bytes. */
export const tooLarge = (what: 'answer' | 'part', limit: number): CallToolResult => {
  const size = limit >= 1024 * 1024 ? `${Math.floor(limit / 1024 / 1024)} MiB` : `${limit} bytes`;
  return toolError(
    what === 'answer'
      ? `The service's answer is larger than ${size}, the most a tool can give`
      : `A row or event of the service's answer is larger than ${size}, the most that is passed on`,
  );
};
