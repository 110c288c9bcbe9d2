import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { responseOf } from '../../support/messagesOf.js';
import { modernRequest, modernVersion } from '../../support/modern.js';
import type { RequestParts } from '../../support/requestBytes.js';
import { setStage, type HostileStage } from './stage.js';

const prefix = 'io.modelcontextprotocol';
const tool = 'back_echo';
const call = (options?: Parameters<typeof modernRequest>[2]) =>
  modernRequest('tools/call', { name: tool, arguments: {} }, options);
const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;
const find = (args: object, headers: Record<string, string> = {}) =>
  modernRequest('tools/call', { name: 'rest_find', arguments: args }, { headers });

/** What is wrong, the request, the HTTP status and the JSON-RPC code (undefined: a result). 2026-07-28: HTTP binding. */
const table: readonly (readonly [string, RequestParts, number, number | undefined])[] = [
  ['nothing', call(), 200, undefined],
  [
    'no clientInfo, which is allowed',
    call({ meta: { [`${prefix}/clientInfo`]: undefined } }),
    200,
    undefined,
  ],
  ['no clientCapabilities', call({ meta: { [`${prefix}/clientCapabilities`]: undefined } }), 400, -32602],
  ['clientCapabilities a list', call({ meta: { [`${prefix}/clientCapabilities`]: [] } }), 400, -32602],
  ['a version that is a number', call({ meta: { [`${prefix}/protocolVersion`]: 2026 } }), 400, -32602],
  ['no envelope, but the header', call({ meta: { [`${prefix}/protocolVersion`]: undefined } }), 400, -32602],
  ['no version header', call({ headers: { 'mcp-protocol-version': undefined } }), 400, -32020],
  ['another version header', call({ headers: { 'mcp-protocol-version': '2025-11-25' } }), 400, -32020],
  ['no Mcp-Method', call({ headers: { 'mcp-method': undefined } }), 400, -32020],
  ['another Mcp-Method', call({ headers: { 'mcp-method': 'tools/list' } }), 400, -32020],
  ['Mcp-Method in another case', call({ headers: { 'mcp-method': 'Tools/Call' } }), 400, -32020],
  ['no Mcp-Name', call({ headers: { 'mcp-name': undefined } }), 400, -32020],
  ['another Mcp-Name', call({ headers: { 'mcp-name': 'back_hang' } }), 400, -32020],
  ['Mcp-Name encoded', call({ headers: { 'mcp-name': base64(tool) } }), 200, undefined],
  ['Mcp-Name encoded, another', call({ headers: { 'mcp-name': base64('other') } }), 400, -32020],
  ['Mcp-Name encoded badly', call({ headers: { 'mcp-name': '=?base64?YmFja19lY2hv!?=' } }), 400, -32020],
  ['spaces around header values', call({ headers: { 'mcp-name': `  ${tool} \t` } }), 200, undefined],
  [
    'header names in capitals',
    call({ headers: { 'mcp-name': undefined, 'MCP-NAME': tool } }),
    200,
    undefined,
  ],
  [
    'a version from the future',
    call({
      meta: { [`${prefix}/protocolVersion`]: '2099-01-01' },
      headers: { 'mcp-protocol-version': '2099-01-01' },
    }),
    400,
    -32022,
  ],
  [
    'an old version in a modern envelope',
    call({
      meta: { [`${prefix}/protocolVersion`]: '2025-11-25' },
      headers: { 'mcp-protocol-version': '2025-11-25' },
    }),
    400,
    -32022,
  ],
  ['an unknown method', modernRequest('tools/burn'), 404, -32601],
  ['initialize', modernRequest('initialize'), 404, -32601],
  ['ping', modernRequest('ping'), 404, -32601],
  ['logging/setLevel', modernRequest('logging/setLevel', { level: 'info' }), 404, -32601],
  ['resources/subscribe', modernRequest('resources/subscribe', { uri: 'a:b' }), 404, -32601],
  ['a method of our own pipeline', modernRequest('$/end'), 404, -32601],
  ['an unknown tool', modernRequest('tools/call', { name: 'nobody_knows', arguments: {} }), 200, -32602],
  ['a bad cursor', modernRequest('tools/list', { cursor: 'AAAA' }), 200, -32602],
  ['a mirrored argument without its header', find({ region: 'eu' }), 400, -32020],
  [
    'a mirrored argument with another header',
    find({ region: 'eu' }, { 'mcp-param-region': 'us' }),
    400,
    -32020,
  ],
  ['a mirrored header without its argument', find({}, { 'mcp-param-region': 'eu' }), 400, -32020],
  ['a batch', { ...call(), body: [call().body] }, 400, -32600],
];

describe('A client of 2026-07-28', () => {
  let stage: HostileStage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  for (const [what, request, status, code] of table)
    it(`with ${what} gets ${status}${code === undefined ? '' : ` and ${code}`}`, () =>
      stage.beside(async () => {
        const answer = await ask(stage.port, request);
        const response = responseOf(answer);
        assert.equal(response.error?.code, code, answer.body);
        assert.equal(answer.status, status, answer.body);
        assert.equal(answer.headers['mcp-session-id'], undefined, 'a session was minted');
        if (code === undefined) assert.equal(response.result?.['resultType'], 'complete');
      }));

  it('is told which versions are served', async () => {
    const request = call({
      meta: { [`${prefix}/protocolVersion`]: '2099-01-01' },
      headers: { 'mcp-protocol-version': '2099-01-01' },
    });
    const data = responseOf(await ask(stage.port, request)).error?.data as Record<string, unknown>;
    assert.equal(data['requested'], '2099-01-01');
    assert.deepEqual(data['supported'], [modernVersion]);
  });

  it('gets its id back with its type, and 0 is an id', async () => {
    for (const id of [0, 7, '7', '']) assert.equal(responseOf(await ask(stage.port, call({ id }))).id, id);
  });

  it('gets an error without an id when its own can not be read', async () => {
    const answer = await ask(stage.port, { ...call(), body: '{"jsonrpc":"2.0","id":' });
    assert.equal('id' in responseOf(answer) && responseOf(answer).id !== null, false);
  });

  it('gets 202 and nothing else for a notification', async () => {
    const answer = await ask(stage.port, {
      headers: { 'mcp-protocol-version': modernVersion },
      body: { jsonrpc: '2.0', method: 'notifications/whatever', params: {} },
    });
    assert.equal(answer.status, 202);
    assert.equal(answer.body, '');
  });
});
