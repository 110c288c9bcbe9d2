/** Whether a registration is one for an MCP gateway. */
export const isMcp = (meta: Readonly<Record<string, string>>): boolean => {
  const enabled = meta['mcp-enabled'];
  if (enabled !== undefined) return isTrue(enabled);
  return isTrue(meta['mcp-from-openapi']) || meta['mcp-type']?.toLowerCase() === 'server';
};

const isTrue = (value: string | undefined): boolean => value?.toLowerCase() === 'true';
