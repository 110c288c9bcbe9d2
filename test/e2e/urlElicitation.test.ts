import assert from 'node:assert/strict';
import { legacyScript, legacyState } from '../backends/mcp/legacyScript.js';
import { scriptedServer, type Received, type ScriptedServer } from '../backends/mcp/scriptedServer.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { messagesOf, responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

const elicitation = { mode: 'url', elicitationId: 'e1', url: 'https://pay.example/1', message: 'Pay there' };
const tools = ['pay', 'wait'].map((name) => ({ name, inputSchema: { type: 'object' } }));

describe('a legacy server that needs its user to visit a URL', function () {
  this.timeout(10_000);
  let server: ScriptedServer;
  let gateway: RunningGateway;
  /** Calls of `wait`, which tell of an elicitation that is done before they are answered. */
  let waiting: Received[];

  beforeEach(async () => {
    const state = legacyState();
    waiting = [];
    server = await scriptedServer((request) => {
      const { body } = request;
      if (body.method === 'server/discover') return request.error(-32601);
      if (legacyScript(request, state)) return;
      if (request.httpMethod === 'GET') return void request.response.writeHead(405).end();
      if (body.method === 'tools/list') return request.result({ tools });
      if (body.params?.['name'] === 'wait') return void waiting.push(request);
      const { id = 0 } = body;
      const error = { code: -32042, message: 'Pay first', data: { elicitations: [elicitation] } };
      request.json({ jsonrpc: '2.0', id, error });
    });
    gateway = await startGateway(`  s: { url: "${server.url}" }`);
  });
  afterEach(async () => {
    await gateway.close();
    await server.close();
  });

  it('tells a legacy client so by -32042, as it stands', async () => {
    const session = await openLegacySession(gateway.port);
    const { error } = await session.call('s_pay');
    assert.deepEqual(error, { code: -32042, message: 'Pay first', data: { elicitations: [elicitation] } });
  });

  it('asks a modern client for it, without what belongs to the 2025 era', async () => {
    const capabilities = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { url: {} } } };
    const call = modernRequest('tools/call', { name: 's_pay', arguments: {} }, { meta: capabilities });
    const { result } = responseOf(await ask(gateway.port, call));
    const { elicitationId: _id, ...params } = elicitation;
    assert.equal(result?.['resultType'], 'input_required');
    assert.deepEqual(result['inputRequests'], { 'url-1': { method: 'elicitation/create', params } });
  });

  it('refuses a modern client that can not visit URLs, and says what is missing', async () => {
    const capabilities = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } };
    const call = modernRequest('tools/call', { name: 's_pay', arguments: {} }, { meta: capabilities });
    const { error } = responseOf(await ask(gateway.port, call));
    assert.deepEqual(
      [error?.code, error?.data],
      [-32021, { requiredCapabilities: { elicitation: { url: {} } } }],
    );
  });

  it('tells that it is done on the stream of the call, and nobody else', async () => {
    const [ada, bob] = [await openLegacySession(gateway.port), await openLegacySession(gateway.port)];
    await ada.call('s_pay');
    const calls = [];
    for (const session of [ada, bob]) {
      calls.push(ask(gateway.port, session.request('tools/call', { name: 's_wait', arguments: {} })));
      await eventually(3000, 'the call at the server', () => waiting.length === calls.length);
    }
    const [ofAda, ofBob] = waiting;
    const complete = { method: 'notifications/elicitation/complete', params: { elicitationId: 'e1' } };
    ofAda?.event({ jsonrpc: '2.0', ...complete });
    ofAda?.event({ jsonrpc: '2.0', id: ofAda.body.id, result: { content: [] } });
    ofBob?.result({ content: [] });
    const [toAda = [], toBob = []] = (await Promise.all(calls)).map(messagesOf);
    assert.deepEqual([toAda[0]?.method, toAda[0]?.params], [complete.method, complete.params]);
    assert.deepEqual([toAda.length, toBob.length], [2, 1]);
  });
});
