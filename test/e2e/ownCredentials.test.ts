import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { legacyScript, legacyState } from '../backends/mcp/legacyScript.js';
import { discovery } from '../backends/mcp/modernScript.js';
import { scriptedServer, type Received, type ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { startService, type Service } from '../backends/rest/startService.js';
import { ask } from '../support/ask.js';
import { messagesOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';
import { startTokenServer, type TokenServer } from '../support/startTokenServer.js';

const token = 'abcd/efgh+1234567890==';
const password = 'hunter2-and-more';
const apiKey = 'k-0123456789abcdef';
const basic = Buffer.from(`gateway:${password}`).toString('base64');
const tenant = 'production';
const code = 'Zx81+q9Lw/77';
const inQuery = `?code=${encodeURIComponent(code)}&lang=de-DE-1996`;

const fresh = { ttlMs: 60_000, cacheScope: 'public' };

/** A server that repeats in all it says what it was sent to be let in. */
const echoingServer = async (era: 'modern' | 'legacy'): Promise<ScriptedServer> => {
  const state = legacyState();
  const capabilities = { tools: {}, logging: {}, prompts: {} };
  return scriptedServer((request) => {
    if (era === 'legacy' && legacyScript(request, state, capabilities)) return;
    const { id, method = '', params } = request.body;
    if (request.httpMethod !== 'POST') return void request.response.writeHead(405).end();
    if (id === undefined) return void request.response.writeHead(202).end();
    if (method === 'server/discover') return request.result({ ...discovery, capabilities });
    const complete = era === 'modern' ? { resultType: 'complete' } : {};
    const shown = repeated(request);
    if (method === 'prompts/list') return request.result({ ...complete, ...fresh, prompts: [] });
    if (method === 'tools/list') {
      const tools = ['tells', 'fails', 'streams'].map((name) => ({
        name,
        description: `Called by ${shown}`,
        inputSchema: { type: 'object' },
      }));
      return request.result({ ...complete, ...fresh, tools });
    }
    if (params?.['name'] === 'fails')
      return request.error(-32000, 200, { [shown]: [shown] }, `who is ${shown}?`);
    if (params?.['name'] === 'streams') return streamed(request, complete);
    request.result({
      ...complete,
      content: [{ type: 'text', text: JSON.stringify({ shown, tenant }).replaceAll('/', '\\/') }],
      structuredContent: { shown: { [shown]: true } },
      _meta: { 'example.com/who': shown },
    });
  });
};

const repeated = ({ headers, response }: Received): string => {
  const { search } = new URL(response.req.url ?? '', 'http://host');
  return [headers.authorization, headers['x-api-key'], headers['x-tenant'], search]
    .filter(Boolean)
    .join(' and ');
};

const streamed = (request: Received, complete: object): void => {
  const meta = request.body.params?.['_meta'] as { progressToken?: unknown } | undefined;
  const shown = repeated(request);
  for (const [progress, message] of [shown.slice(0, 12), shown.slice(12, 20), shown.slice(20)].entries())
    request.event({
      jsonrpc: '2.0',
      method: 'notifications/progress',
      params: { progressToken: meta?.progressToken, progress, message },
    });
  request.event({
    jsonrpc: '2.0',
    method: 'notifications/message',
    params: { level: 'error', data: { shown } },
  });
  request.event({ jsonrpc: '2.0', id: request.body.id, result: { ...complete, content: [] } });
  request.response.end();
};

/** All that a client gets for a call. */
const call = async (gateway: RunningGateway, name: string): Promise<string> => {
  const meta = { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' };
  const answer = await ask(gateway.port, modernRequest('tools/call', { name, arguments: {} }, { meta }));
  // As a client reads it: the texts of a stream put together.
  const texts = messagesOf(answer).map(({ params }) => params?.['message'] ?? '');
  return `${answer.body} ${texts.join('')}`;
};

const assertClean = (text: string, secrets: readonly string[]): void => {
  const unescaped = text.replaceAll(/\\+\//g, '/');
  for (const secret of secrets)
    for (const form of [secret, encodeURIComponent(secret)])
      assert.ok(!text.includes(form) && !unescaped.includes(form), `${form} in ${text}`);
  assert.match(text, /\[redacted:credential\]/);
};

describe('credentials that a server repeats', function () {
  this.timeout(20_000);

  for (const era of ['modern', 'legacy'] as const)
    describe(`by a ${era} server`, () => {
      let server: ScriptedServer;
      let tokens: TokenServer;
      let gateway: RunningGateway;
      const configured = [token, password, apiKey, basic, code];

      before(async () => {
        server = await echoingServer(era);
        tokens = await startTokenServer({ clients: { sluice: 'secret-of-the-client' } });
        gateway =
          await startGateway(`  bearer: { url: "${server.url}", headers: { authorization: "Bearer ${token}", x-api-key: ${apiKey}, x-tenant: ${tenant} } }
  basic: { url: "${server.url}", basic: { username: gateway, password: ${password} } }
  query: { url: "${server.url}${inQuery}" }
  oauth: { url: "${server.url}", oauth: { grant: client_credentials, client_id: sluice, client_secret: secret-of-the-client, issuer: "${tokens.issuer}", audience: "${server.url}" } }`);
      });
      after(async () => {
        await gateway.close();
        await Promise.all([server.close(), tokens.close()]);
      });

      for (const prefix of ['bearer', 'basic', 'oauth', 'query'])
        for (const tool of ['tells', 'fails', 'streams'])
          it(`does not reach the client: ${prefix}, a tool that ${tool}`, async () => {
            const heard = await call(gateway, `${prefix}_${tool}`);
            const sent = server.received.map(({ headers }) => headers.authorization?.split(' ')[1] ?? '');
            const given = new Set(sent.filter(Boolean));
            assert.ok(given.size >= 3, 'every server was sent a credential');
            assertClean(heard, [...configured, ...given]);
          });

      it('does not reach the client in lists', async () => {
        const { body } = await ask(gateway.port, modernRequest('tools/list'));
        assertClean(body, configured);
      });

      it('leaves alone what is no credential', async () => {
        assert.match(await call(gateway, 'bearer_tells'), new RegExp(tenant));
        assert.match(await call(gateway, 'query_tells'), /lang=de-DE-1996/);
      });
    });

  describe('by a REST service', () => {
    let service: Service;
    let gateway: RunningGateway;
    const secrets = [token, apiKey, code];

    before(async () => {
      service = await startService((_request, response, { url, headers }) => {
        const shown = `${headers.authorization} ${String(headers['x-api-key'])} ${tenant} ${url} ${decodeURIComponent(url)}`;
        if (!url.startsWith('/text'))
          return response
            .writeHead(url.startsWith('/json') ? 200 : 400, { 'content-type': 'application/json' })
            .end(JSON.stringify({ message: shown }));
        response.setHeader('content-type', 'text/plain');
        response.write(`so ${shown.slice(0, 14)}`, () => response.end(`${shown.slice(14)} it is`));
      });
      gateway = await startGateway(`  s:
    type: rest
    url: ${service.url}
    headers: { authorization: "Bearer ${token}", x-api-key: ${apiKey} }
    tools:
      json: { path: "/json${inQuery}" }
      text: { path: "/text${inQuery}", streaming: true }
      fails: { path: "/fails${inQuery}" }`);
    });
    after(async () => {
      await gateway.close();
      await service.close();
    });

    for (const tool of ['json', 'text'])
      it(`does not reach the client: ${tool}`, async () => {
        const heard = await call(gateway, `s_${tool}`);
        assertClean(heard, secrets);
        assert.match(heard, new RegExp(tenant));
        assert.match(heard, /lang=de-DE-1996/);
      });

    it('does not reach the client in an error', async () => {
      const heard = await call(gateway, 's_fails');
      for (const secret of secrets) assert.ok(!heard.includes(secret), heard);
      assert.match(heard, new RegExp(tenant));
    });
  });

  it('does not reach the client from the arguments and variables of a child', async () => {
    const witness = fileURLToPath(new URL('../support/stdioWitness.mjs', import.meta.url));
    const args = [
      witness,
      '--token',
      token,
      `--api-key=${apiKey}`,
      '--db',
      `postgres://me:${password}@db/x`,
      tenant,
    ];
    const child = {
      type: 'stdio',
      command: process.execPath,
      args,
      env: { FUNCTION_CODE: tenant, CODE: code },
    };
    const gateway = await startGateway(`  s: ${JSON.stringify(child)}`);
    try {
      const heard = await call(gateway, 's_witness');
      assertClean(heard, [token, apiKey, password, code]);
      assert.match(heard, new RegExp(tenant));
    } finally {
      await gateway.close();
    }
  });
});
