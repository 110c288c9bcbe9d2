import { discovery } from '../../backends/mcp/modernScript.js';
import { legacyScript, legacyState } from '../../backends/mcp/legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from '../../backends/mcp/scriptedServer.js';

/** What nobody may see: in all that the server says. */
export const mail = 'ann.o@mail.example';
export const card = '4111 1111 1111 1111';
export const said = `${mail} pays with ${card}`;

const capabilities = { tools: {}, prompts: {}, resources: {}, completions: {}, logging: {} };

const output = {
  type: 'object',
  properties: { mail: { type: 'string' }, salary: { type: 'number' }, ok: { type: 'boolean' } },
  required: ['mail', 'salary', 'ok'],
};
const tools = [
  {
    name: 'tells',
    inputSchema: {
      type: 'object',
      properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
    },
    outputSchema: output,
  },
  ...['fails', 'streams', 'asks', 'later', 'other'].map((name) => ({
    name,
    inputSchema: { type: 'object' },
  })),
];

const structuredContent = { mail, salary: 70_000, ok: true };
const told = {
  content: [
    { type: 'text', text: said },
    { type: 'text', text: JSON.stringify(structuredContent) },
    { type: 'resource', resource: { uri: 'crm://1', mimeType: 'text/plain', text: said } },
  ],
  structuredContent,
};

const results: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'tools/list': { tools },
  'prompts/list': { prompts: [{ name: 'letter', arguments: [{ name: 'to' }] }] },
  'resources/list': { resources: [{ uri: `crm://${mail}`, name: 'ann' }] },
  'resources/templates/list': { resourceTemplates: [{ uriTemplate: 'crm://{who}', name: 'who' }] },
  'prompts/get': { messages: [{ role: 'user', content: { type: 'text', text: said } }] },
  'resources/read': { contents: [{ uri: `crm://${mail}`, mimeType: 'text/plain', text: said }] },
  'completion/complete': { completion: { values: [mail, 'other'] } },
};

const form = {
  mode: 'form',
  message: `Is it ${mail}?`,
  requestedSchema: { type: 'object', properties: { reply: { type: 'string' } } },
};

export type Era = 'legacy' | 'modern';

/** A server of either era that tells a mail address and the number of a card wherever it can. */
export const leakyServer = async (era: Era): Promise<ScriptedServer> => {
  const state = legacyState();
  let asking: Received | undefined;
  const say = (to: Received, result: object) => ({
    jsonrpc: '2.0',
    id: to.body.id,
    result: { resultType: 'complete', ...result },
  });

  const streams = (request: Received): void => {
    const { id, params } = request.body;
    const meta = params?.['_meta'] as { progressToken?: unknown } | undefined;
    const tell = (method: string, more: object): void =>
      request.event({ jsonrpc: '2.0', method, params: more });
    for (const [index, message] of ['to ann.o@m', 'ail.exam', 'ple now, ', 'all done, '].entries())
      tell('notifications/progress', { progressToken: meta?.progressToken, progress: index, message });
    tell('notifications/message', { level: 'error', data: { who: mail } });
    tell('notifications/message', { level: 'error', data: 'card 4111 1111 11' });
    tell('notifications/message', { level: 'error', data: '11 1111, ' });
    request.event({ jsonrpc: '2.0', id, result: { resultType: 'complete', content: [] } });
    request.response.end();
  };

  const asks = (request: Received): void => {
    if (era === 'legacy') {
      asking = request;
      return request.event({ jsonrpc: '2.0', id: 4711, method: 'elicitation/create', params: form });
    }
    const responses = request.body.params?.['inputResponses'];
    if (responses === undefined)
      return request.result({
        resultType: 'input_required',
        inputRequests: { q: { method: 'elicitation/create', params: form } },
      });
    request.json(say(request, { content: [{ type: 'text', text: `heard ${JSON.stringify(responses)}` }] }));
  };

  return scriptedServer((request) => {
    if (era === 'legacy' && legacyScript(request, state, capabilities)) return;
    const { id, method = '', params, result } = request.body;
    if (request.httpMethod !== 'POST') return void request.response.writeHead(405).end();
    if (method === '' && asking !== undefined) {
      request.response.writeHead(202).end();
      asking.event(say(asking, { content: [{ type: 'text', text: `heard ${JSON.stringify(result)}` }] }));
      return void asking.response.end();
    }
    if (id === undefined) return void request.response.writeHead(202).end();
    if (method === 'server/discover') return request.result({ ...discovery, capabilities });
    if (params?.['name'] === 'fails') return request.error(-32000, 200, { of: mail }, `no ${said}`);
    if (params?.['name'] === 'streams') return streams(request);
    if (params?.['name'] === 'asks') return asks(request);
    const known = method === 'tools/call' ? told : results[method];
    if (known === undefined) return request.error(-32601, era === 'modern' ? 404 : 200);
    const fresh = /list$|read$/.test(method) ? { ttlMs: 60_000, cacheScope: 'public' } : {};
    request.result({ ...(era === 'modern' && { resultType: 'complete', ...fresh }), ...known });
  });
};
