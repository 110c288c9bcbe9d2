import type { Params } from './jsonrpc.js';

/** Whether a value can pass for the result of a tool: clients could not read any other, and would fail in their own ways. */
export const isToolResult = (value: Params): boolean => {
  const { content, isError } = value;
  const hasContent = Array.isArray(content) || (content === undefined && 'structuredContent' in value);
  return hasContent && (isError === undefined || typeof isError === 'boolean');
};
