/** What the server behind every target knows: one tool, as a server of 2026-07-28 and of 2025-11-25 has it. */

/** `description` makes one catalogue differ from the next. */
const toolCalled = (name, description) => ({
  name,
  description,
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string' }, count: { type: 'integer' } },
    required: ['text'],
  },
  annotations: { readOnlyHint: true },
});

const serverInfo = { name: 'bench-backend', version: '1.0.0' };
const complete = { resultType: 'complete', _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo } };

/**
 * The tool `echo`, and as many beside it as are asked for.
 *
 * @param {number} count
 * @param {string} mark goes into every description
 */
export const toolsOf = (count, mark = '') => [
  toolCalled('echo', `Gives its text back ${mark}`),
  ...Array.from({ length: count - 1 }, (_, n) => toolCalled(`other_${n}`, `Is never called ${mark}`)),
];

/** The result of a request, or undefined where its method is unknown. */
const resultOf = ({ method, params }, tools, capabilities) => {
  switch (method) {
    case 'tools/call':
      return { resultType: 'complete', content: [{ type: 'text', text: params.arguments.text }] };
    case 'tools/list':
      return { ...complete, tools, ttlMs: 3_600_000, cacheScope: 'public' };
    case 'server/discover':
      return {
        ...complete,
        supportedVersions: ['2026-07-28'],
        capabilities,
        ttlMs: 3_600_000,
        cacheScope: 'public',
      };
    case 'initialize':
      return { protocolVersion: params.protocolVersion, capabilities, serverInfo };
    case 'ping':
      return {};
    default:
      return undefined;
  }
};

/**
 * The whole answer to a request.
 *
 * @param {{ id: string | number, method: string, params?: object }} request
 * @param {object[]} tools
 * @param {object} capabilities what the server says that it can do
 */
export const answerTo = (request, tools, capabilities = { tools: {} }) => {
  const result = resultOf(request, tools, capabilities);
  const { id } = request;
  return result === undefined
    ? { jsonrpc: '2.0', id, error: { code: -32601, message: `Unknown method ${request.method}` } }
    : { jsonrpc: '2.0', id, result };
};
