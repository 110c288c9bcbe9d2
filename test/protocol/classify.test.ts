import assert from 'node:assert/strict';
import { classify, headerOf, type Headers } from '../../src/protocol/classify.js';
import { GatewayError } from '../../src/protocol/errors.js';
import type { JsonRpcCall } from '../../src/protocol/jsonrpc.js';

const modern = '2026-07-28';
const envelope = (more: Readonly<Record<string, unknown>> = {}) => ({
  'io.modelcontextprotocol/protocolVersion': modern,
  'io.modelcontextprotocol/clientCapabilities': {},
  ...more,
});
const request = (method: string, params?: Readonly<Record<string, unknown>>): JsonRpcCall => ({
  jsonrpc: '2.0',
  id: 0,
  method,
  ...(params && { params }),
});
const note = (method: string, params?: Readonly<Record<string, unknown>>): JsonRpcCall => ({
  jsonrpc: '2.0',
  method,
  ...(params && { params }),
});
const version = (value: string): Headers => ({ 'mcp-protocol-version': value });
const call = (meta: Readonly<Record<string, unknown>> = {}, params: Readonly<Record<string, unknown>> = {}) =>
  request('tools/call', { name: 'x', ...params, _meta: envelope(meta) });
const headers = (more: Headers = {}): Headers => ({
  ...version(modern),
  'mcp-method': 'tools/call',
  'mcp-name': 'x',
  ...more,
});
/** An envelope without one of its keys. */
const lacking = (key: string) => {
  const { [`io.modelcontextprotocol/${key}`]: _left, ...rest } = envelope() as Record<string, unknown>;
  return request('tools/call', { name: 'x', _meta: rest });
};

describe('protocol/classify: which revision', () => {
  const rows: [string, JsonRpcCall, Headers | undefined, string][] = [
    [
      'initialize that asks for the newest',
      request('initialize', { protocolVersion: '2025-11-25' }),
      {},
      '2025-11-25',
    ],
    [
      'initialize that asks for an old one',
      request('initialize', { protocolVersion: '2024-11-05' }),
      {},
      '2024-11-05',
    ],
    [
      'initialize that asks for an unknown one',
      request('initialize', { protocolVersion: '1999-01-01' }),
      {},
      '2025-11-25',
    ],
    [
      'initialize that asks for a modern one',
      request('initialize', { protocolVersion: modern }),
      {},
      '2025-11-25',
    ],
    ['initialize that asks for nothing', request('initialize'), {}, '2025-11-25'],
    [
      'initialize with a legacy header: the body decides',
      request('initialize', { protocolVersion: '2025-06-18' }),
      version('2025-03-26'),
      '2025-06-18',
    ],
    ['no claim, no header', request('tools/list'), {}, '2025-03-26'],
    ['no claim, a legacy header', request('tools/list'), version('2025-11-25'), '2025-11-25'],
    ['white space around the header', request('tools/list'), version(' 2025-06-18 '), '2025-06-18'],
    ['a complete modern request', call(), headers(), modern],
    [
      'a modern request with who it is',
      call({ 'io.modelcontextprotocol/clientInfo': { name: 'c', version: '1' } }),
      headers(),
      modern,
    ],
    ['a modern request without headers, on a transport that has none', call(), undefined, modern],
    [
      'server/discover',
      request('server/discover', { _meta: envelope() }),
      { ...version(modern), 'mcp-method': 'server/discover' },
      modern,
    ],
    [
      'an encoded name',
      call({}, { name: 'größe' }),
      headers({ 'mcp-name': '=?base64?Z3LDtsOfZQ==?=' }),
      modern,
    ],
    [
      'an encoded name that need not be',
      call({}, { name: 'x' }),
      headers({ 'mcp-name': '=?base64?eA==?=' }),
      modern,
    ],
    [
      'a name without claim of a header in lists',
      request('tools/list', { _meta: envelope() }),
      { ...version(modern), 'mcp-method': 'tools/list' },
      modern,
    ],
    [
      'the URI of a resource as name',
      request('resources/read', { uri: 'a:b', _meta: envelope() }),
      headers({ 'mcp-method': 'resources/read', 'mcp-name': 'a:b' }),
      modern,
    ],
    [
      'a name that is no string is left to the shape check',
      call({}, { name: 7 }),
      headers({ 'mcp-name': undefined }),
      modern,
    ],
    [
      'a removed method is still modern',
      request('ping', { _meta: envelope() }),
      headers({ 'mcp-method': 'ping' }),
      modern,
    ],
    ['a notification without claim: the header decides', note('notifications/x'), version(modern), modern],
    ['a notification without claim or header', note('notifications/initialized'), {}, '2025-03-26'],
    [
      'a notification with a claim needs no method header',
      note('notifications/x', { _meta: envelope() }),
      version(modern),
      modern,
    ],
    [
      'other _meta is no claim',
      request('tools/list', { _meta: { progressToken: 1 } }),
      version('2025-11-25'),
      '2025-11-25',
    ],
  ];
  for (const [name, message, given, expected] of rows)
    it(name, () => assert.equal(classify(message, given).version, expected));
});

describe('protocol/classify: what is refused', () => {
  const name = (value: string | undefined) => headers({ 'mcp-name': value });
  const rows: [string, JsonRpcCall, Headers, number, RegExp][] = [
    ['a legacy header nobody knows', request('tools/list'), version('1999-01-01'), -32000, /unsupported/],
    [
      'a header that says two',
      request('tools/list'),
      { 'mcp-protocol-version': ['2025-11-25', '2025-06-18'] },
      -32000,
      /unsupported/,
    ],
    [
      'initialize with a modern header',
      request('initialize', { protocolVersion: modern }),
      version(modern),
      -32020,
      /no initialize/,
    ],
    [
      'a modern header without claim',
      request('tools/list'),
      version(modern),
      -32602,
      /protocolVersion and .*clientCapabilities/,
    ],
    [
      'a modern header with half a claim',
      request('tools/list', { _meta: { 'io.modelcontextprotocol/clientCapabilities': {} } }),
      version(modern),
      -32602,
      /lacks io.modelcontextprotocol\/protocolVersion$/,
    ],
    ['a claim without capabilities', lacking('clientCapabilities'), headers(), -32602, /clientCapabilities/],
    [
      'capabilities that are no object',
      call({ 'io.modelcontextprotocol/clientCapabilities': [] }),
      headers(),
      -32602,
      /clientCapabilities/,
    ],
    [
      'a claim that is no string',
      call({ 'io.modelcontextprotocol/protocolVersion': 2026 }),
      headers(),
      -32602,
      /must be a string/,
    ],
    [
      'a claim of null',
      call({ 'io.modelcontextprotocol/protocolVersion': null }),
      headers(),
      -32602,
      /must be a string/,
    ],
    [
      'client info that is no object',
      call({ 'io.modelcontextprotocol/clientInfo': 'c' }),
      headers(),
      -32602,
      /clientInfo/,
    ],
    [
      'the version header is missing',
      call(),
      headers({ 'mcp-protocol-version': undefined }),
      -32020,
      /MCP-Protocol-Version is missing/,
    ],
    ['the version header says another', call(), headers(version('2025-11-25')), -32020, /differs/],
    [
      'a claim of an unknown version',
      call({ 'io.modelcontextprotocol/protocolVersion': '2027-01-01' }),
      headers(version('2027-01-01')),
      -32022,
      /not supported/,
    ],
    [
      'a claim of a legacy version',
      call({ 'io.modelcontextprotocol/protocolVersion': '2025-11-25' }),
      headers(version('2025-11-25')),
      -32022,
      /not supported/,
    ],
    [
      'a wrong header comes before a wrong version',
      call({ 'io.modelcontextprotocol/protocolVersion': '2027-01-01' }),
      headers(),
      -32020,
      /differs/,
    ],
    [
      'a broken envelope comes before a wrong header',
      lacking('clientCapabilities'),
      {},
      -32602,
      /clientCapabilities/,
    ],
    [
      'the method header is missing',
      call(),
      headers({ 'mcp-method': undefined }),
      -32020,
      /Mcp-Method is missing/,
    ],
    [
      'the method header differs',
      call(),
      headers({ 'mcp-method': 'tools/list' }),
      -32020,
      /Mcp-Method differs/,
    ],
    [
      'the method header differs in case',
      call(),
      headers({ 'mcp-method': 'Tools/Call' }),
      -32020,
      /Mcp-Method differs/,
    ],
    ['the name header is missing', call(), name(undefined), -32020, /Mcp-Name is missing/],
    ['the name header differs', call(), name('y'), -32020, /Mcp-Name differs/],
    ['the name header is broken base64', call(), name('=?base64?eA?='), -32020, /base64/],
    ['the marker in capitals is text', call(), name('=?BASE64?eA==?='), -32020, /differs/],
    ['a name header sent twice', call(), headers({ 'mcp-name': 'x, x' }), -32020, /differs/],
    [
      'another URI',
      request('resources/read', { uri: 'a:b', _meta: envelope() }),
      headers({ 'mcp-method': 'resources/read' }),
      -32020,
      /params\.uri/,
    ],
  ];
  for (const [title, message, given, code, reason] of rows)
    it(`${title}: ${code}`, () =>
      assert.throws(
        () => classify(message, given),
        (error) =>
          error instanceof GatewayError &&
          error.facts.http === 400 &&
          error.facts.rpc === code &&
          reason.test(error.message),
      ));

  it('an unsupported version names what was asked and what there is', () => {
    const claim = { 'io.modelcontextprotocol/protocolVersion': '2027-01-01' };
    assert.throws(
      () => classify(call(claim), headers(version('2027-01-01'))),
      (error) => {
        assert.ok(error instanceof GatewayError);
        assert.deepEqual(error.data, { supported: [modern], requested: '2027-01-01' });
        return true;
      },
    );
  });

  it('headerOf trims, and joins what was repeated', () => {
    assert.equal(headerOf({ a: ' b ' }, 'a'), 'b');
    assert.equal(headerOf({ a: ['b', 'c'] }, 'a'), 'b,c');
    assert.equal(headerOf({}, 'a'), undefined);
    assert.equal(headerOf(undefined, 'a'), undefined);
  });
});
