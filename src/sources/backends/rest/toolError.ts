import type { CallToolResult } from '../../../protocol/mcp.js';

/** A result that says in one sentence why the tool gave none. */
export const toolError = (text: string): CallToolResult => ({
  content: [{ type: 'text', text }],
  isError: true,
});
