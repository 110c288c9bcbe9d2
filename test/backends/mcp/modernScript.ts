/** A complete result with one block of text. */
export const text = (value: string) => ({ resultType: 'complete', content: [{ type: 'text', text: value }] });

/** How a modern server introduces itself. */
export const discovery = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  instructions: 'be kind',
  ttlMs: 1000,
  cacheScope: 'public',
  _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'modern', version: '2' } },
};
