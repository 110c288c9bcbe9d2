import assert from 'node:assert/strict';
import type { GatewayError } from '../../src/protocol/errors.js';
import { confirmHeaders } from '../../src/operators/confirmHeaders.js';
import { headerParameters, parameterHeaders } from '../../src/protocol/headers.js';
import { knownRevision } from '../../src/protocol/revisions/index.js';
import { resolvedCall, targetOf, tool } from './scenarios.js';
import type { CallOptions } from '../../src/testing/call.js';

const modern = knownRevision('2026-07-28');
const inputSchema = {
  type: 'object',
  properties: {
    region: { type: 'string', 'x-mcp-header': 'Region' },
    count: { type: 'integer', 'x-mcp-header': 'Count' },
    dry: { type: 'boolean', 'x-mcp-header': 'Dry' },
    deep: { type: 'object', properties: { er: { type: 'string', 'x-mcp-header': 'Deep' } } },
    plain: { type: 'string' },
  },
} as const;
const definition = tool('get', { inputSchema });
const base64 = (text: string) => `=?base64?${Buffer.from(text).toString('base64')}?=`;

type Args = Readonly<Record<string, unknown>> | undefined;
type Headers = Readonly<Record<string, string>>;

const step = confirmHeaders().step;
const send = (args: Args, headers: Headers, options: CallOptions = {}): unknown =>
  step({
    ...resolvedCall({}, { transport: 'http', headers, ...options }),
    target: targetOf({ params: { name: 'get', ...(args && { arguments: args }) } }, definition),
  });
const refused = (args: Args, headers: Headers): void =>
  void assert.throws(
    () => send(args, headers),
    (error: GatewayError) => {
      assert.equal(error.code, 'ERR_HEADER_MISMATCH');
      assert.deepEqual([error.toJsonRpc().code, modern.status(error)], [-32020, 400]);
      assert.match(error.message, /^Header mismatch: Mcp-Param-\w+ [a-z, ]+$/);
      return true;
    },
  );

describe('operators/confirmHeaders', () => {
  const agree: readonly (readonly [Args, Headers])[] = [
    [undefined, {}],
    [{}, {}],
    [{ plain: 'x' }, {}],
    [{ plain: 'x' }, { 'mcp-param-plain': 'y', 'mcp-param-unknown': 'z' }],
    [{ region: 'eu west' }, { 'mcp-param-region': 'eu west' }],
    [{ region: 'eu' }, { 'mcp-param-region': ' \teu  ' }],
    [{ region: '' }, { 'mcp-param-region': '' }],
    [{ region: 'Zürich' }, { 'mcp-param-region': base64('Zürich') }],
    [{ region: ' x ' }, { 'mcp-param-region': base64(' x ') }],
    [{ region: base64('x') }, { 'mcp-param-region': base64(base64('x')) }],
    [{ region: '=?BASE64?eA==?=' }, { 'mcp-param-region': '=?BASE64?eA==?=' }],
    [{ region: '=?base64?eA==' }, { 'mcp-param-region': '=?base64?eA==' }],
    [{ region: 'plain' }, { 'mcp-param-region': base64('plain') }],
    [{ region: null }, {}],
    [{ count: 42 }, { 'mcp-param-count': '42' }],
    [{ count: 42 }, { 'mcp-param-count': '42.0' }],
    [{ count: 0 }, { 'mcp-param-count': '0' }],
    [{ count: -7 }, { 'mcp-param-count': '-7' }],
    [{ count: 9007199254740991 }, { 'mcp-param-count': '9007199254740991' }],
    [{ dry: true }, { 'mcp-param-dry': 'true' }],
    [{ dry: false }, { 'mcp-param-dry': 'false' }],
    [{ deep: { er: 'x' } }, { 'mcp-param-deep': 'x' }],
    [{ deep: null }, {}],
    [{ deep: 'no object' }, {}],
    // What no header can hold has none: whether it may be there, the schema says.
    [{ region: { a: 1 } }, {}],
    [{ region: ['a'] }, {}],
  ];
  for (const [args, headers] of agree)
    it(`lets through ${JSON.stringify(args)} with ${JSON.stringify(headers)}`, () =>
      void send(args, headers));

  const differ: readonly (readonly [Args, Headers])[] = [
    [undefined, { 'mcp-param-region': 'eu' }],
    [{}, { 'mcp-param-region': '' }],
    [{ region: null }, { 'mcp-param-region': 'null' }],
    [{ region: 'eu' }, {}],
    [{ region: 'eu' }, { 'mcp-param-region': 'us' }],
    [{ region: 'eu' }, { 'mcp-param-region': 'EU' }],
    [{ region: 'eu' }, { 'mcp-param-region': 'eu, eu' }],
    [{ region: 'eu' }, { 'mcp-param-region': 'e\u0000u' }],
    [{ region: 'Zürich' }, { 'mcp-param-region': 'Zürich' }],
    [{ region: 'x' }, { 'mcp-param-region': '=?base64?eA=?=' }],
    [{ region: 'x' }, { 'mcp-param-region': '=?base64?eB==?=' }],
    [{ region: 'x' }, { 'mcp-param-region': '=?base64?e A==?=' }],
    [{ region: 'x' }, { 'mcp-param-region': '=?BASE64?eA==?=' }],
    [{ region: '\ufffd' }, { 'mcp-param-region': '=?base64?/w==?=' }],
    [{ count: 42 }, { 'mcp-param-count': '43' }],
    [{ count: 42 }, { 'mcp-param-count': '42.1' }],
    [{ count: 42 }, { 'mcp-param-count': '0x2A' }],
    [{ count: 42 }, { 'mcp-param-count': '042' }],
    [{ count: 42 }, { 'mcp-param-count': '+42' }],
    [{ count: 0 }, { 'mcp-param-count': '' }],
    [{ count: 0 }, { 'mcp-param-count': base64(' ') }],
    [{ dry: true }, { 'mcp-param-dry': 'True' }],
    [{ dry: true }, { 'mcp-param-dry': '1' }],
    [{ dry: false }, {}],
    [{ deep: { er: 'x' } }, {}],
    [{ deep: { er: 'x' } }, { 'mcp-param-deep': 'y' }],
    [{ deep: {} }, { 'mcp-param-deep': 'x' }],
  ];
  for (const [args, headers] of differ)
    it(`refuses ${JSON.stringify(args)} with ${JSON.stringify(headers)}`, () => refused(args, headers));

  it('lets through what our own side of the protocol sends', () => {
    const parameters = headerParameters(inputSchema);
    assert.ok(!('invalid' in parameters));
    for (const args of [{}, { region: 'é', count: 1, dry: false, deep: { er: '' } }, { region: [1] }]) {
      const headers = Object.entries(parameterHeaders(parameters, args));
      send(args, Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])));
    }
  });

  it('asks for nothing where arguments are not mirrored, or there are no headers', () => {
    send({ region: 'eu' }, {}, { version: '2025-11-25' });
    for (const transport of ['stdio', 'websocket', 'in-process'] as const)
      send({ region: 'eu' }, {}, { transport });
  });
});
