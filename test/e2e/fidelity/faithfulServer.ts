import { discovery } from '../../backends/mcp/modernScript.js';
import { legacyScript, legacyState } from '../../backends/mcp/legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from '../../backends/mcp/scriptedServer.js';
import * as verbatim from './verbatim.js';

export type Era = 'legacy' | 'modern';

const capabilities = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} };

/** A tool whose arguments travel in headers too. */
const routed = {
  name: 'routed',
  inputSchema: {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      level: { type: 'integer', 'x-mcp-header': 'Level' },
    },
  },
};

const plainTools = ['fails', 'tells', 'asks'].map((name) => ({ name, inputSchema: { type: 'object' } }));

const results: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'tools/list': { tools: [verbatim.tool, routed, ...plainTools] },
  'prompts/list': { prompts: [verbatim.prompt] },
  'resources/list': { resources: [verbatim.resource] },
  'resources/templates/list': { resourceTemplates: [verbatim.template] },
  'tools/call': verbatim.toolResult,
  'prompts/get': verbatim.promptResult,
  'resources/read': verbatim.resourceResult,
  'completion/complete': verbatim.completionResult,
};

const hopKeys = {
  'io.modelcontextprotocol/serverInfo': { name: 'hidden', version: '6' },
  'io.modelcontextprotocol/made-up': 'of this hop',
};

/** What a 2026-era result needs besides. */
const modernFields = (method: string) => ({
  resultType: 'complete',
  ...(/list$|read$/.test(method) && { ttlMs: 60_000, cacheScope: 'public' }),
});

/**
 * A server that says what verbatim.ts holds, word for word, and keeps what it was told. Tools that do more than answer are left to
 * `act`, which gives true for what it has answered.
 */
export const faithfulServer = async (
  era: Era,
  act: (request: Received, era: Era) => boolean,
): Promise<ScriptedServer> => {
  const state = legacyState();
  return scriptedServer((request) => {
    if (era === 'legacy' && legacyScript(request, state, capabilities)) return;
    const { method = '', params } = request.body;
    if (request.httpMethod !== 'POST') return void request.response.writeHead(405).end();
    if (request.body.id === undefined) return void request.response.writeHead(202).end();
    if (method === 'server/discover') return request.result({ ...discovery, capabilities });
    if (act(request, era)) return;
    if (params?.['name'] === 'fails')
      return request.json({ jsonrpc: '2.0', id: request.body.id, error: verbatim.failure });
    const result = results[method];
    if (result === undefined) return request.error(-32601, era === 'modern' ? 404 : 200);
    request.result({
      ...(era === 'modern' ? modernFields(method) : undefined),
      ...result,
      _meta: { ...(result['_meta'] as object), ...hopKeys },
    });
  });
};
