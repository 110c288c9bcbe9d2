import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { echoCall, echoText } from './attempts.js';
import { refuses, type Attempt, type Refusal } from './refuses.js';
import { setStage, type Stage } from './stage.js';

const parseError = (what: string): Refusal => [400, -32700, `Parse error: the message ${what}`];
const twice = parseError('has a key twice in one object');
const noMessage: Refusal = [400, -32600, 'Invalid request: not a JSON-RPC 2.0 message'];

describe('security: keys that are there twice', () => {
  let stage: Stage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  const spoiled = (name: string, from: string, to: string): Attempt => ({
    name,
    send: echoText(from, to),
    gets: twice,
  });
  refuses(
    () => stage,
    [
      spoiled('method', '"method"', '"method":"tools/list","method"'),
      spoiled('id', '"id"', '"id":1,"id"'),
      spoiled('jsonrpc', '"jsonrpc"', '"jsonrpc":"1.0","jsonrpc"'),
      spoiled('params', '"params"', '"params":{},"params"'),
      spoiled('the name of the tool', '"name":"back_echo"', '"name":"rest_find","name":"back_echo"'),
      spoiled('arguments', '"arguments"', '"arguments":{},"arguments"'),
      spoiled('an argument', '"text":"HERE"', '"text":"harmless","text":"HERE"'),
      spoiled('an argument, once escaped', '"text":"HERE"', '"t\\u0065xt":"harmless","text":"HERE"'),
      spoiled('an argument deep inside', '"HERE"', '[{"a":{"b":1,"c":2,"b":3}}]'),
      spoiled('_meta', '"_meta"', '"_meta":{},"_meta"'),
      spoiled('__proto__', '"text":"HERE"', '"__proto__":{},"__proto__":{}'),
      {
        name: 'a message of the 2025 era',
        send: async ({ port }) => {
          const { headers } = await openLegacySession(port);
          return {
            headers,
            body: '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"back_echo","name":"rest_find"}}',
          };
        },
        gets: twice,
      },
      {
        name: 'a message of a batch',
        send: async ({ port }) => {
          const { headers } = await openLegacySession(port, '2025-03-26');
          return { headers, body: '[{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/list"}]' };
        },
        gets: twice,
      },
    ],
  );
});

describe('security: prototype pollution', () => {
  let stage: Stage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());
  afterEach(() => {
    const plain = {} as Readonly<Record<string, unknown>>;
    assert.equal(plain['polluted'], undefined);
    assert.equal(([] as unknown as typeof plain)['polluted'], undefined);
  });

  const pollution = '{"polluted":1}';
  const unknownTool = (name: string): Attempt => ({
    name: `a tool called ${name}`,
    send: modernRequest('tools/call', { name, arguments: {} }),
    gets: [200, -32602, `Unknown tool: ${name}`],
  });
  refuses(
    () => stage,
    [
      ...[
        '__proto__',
        'constructor',
        'toString',
        'back___proto__',
        'back_constructor',
        'rest_hasOwnProperty',
      ].map(unknownTool),
      {
        name: 'a prompt called __proto__',
        send: modernRequest('prompts/get', { name: '__proto__' }),
        gets: [200, -32602, 'Unknown prompt or resource template: __proto__'],
      },
      {
        name: 'a method called __proto__',
        send: modernRequest('__proto__'),
        gets: [404, -32601, 'Method not found: __proto__'],
      },
      {
        name: 'a namespace called __proto__',
        send: { ...echoCall(), path: '/mcp/__proto__' },
        gets: [404, -32000, 'There is no such namespace; the endpoint of all servers is /mcp'],
      },
      {
        name: 'a session called __proto__',
        send: { headers: { 'mcp-session-id': '__proto__' }, body: { jsonrpc: '2.0', id: 1, method: 'ping' } },
        gets: [404, -32001, 'Session not found: it has ended or never was; initialize again'],
      },
      {
        name: 'a name that is an object with toString',
        send: {
          ...modernRequest('tools/call', { name: { toString: 'back_echo' }, arguments: {} }),
        },
        gets: [200, -32602, /^Invalid tools\/call: /],
      },
      {
        name: 'arguments that __proto__ alone makes valid',
        send: {
          ...modernRequest('tools/call', { name: 'rest_item' }),
          body: JSON.stringify(
            modernRequest('tools/call', { name: 'rest_item', arguments: {} }).body,
          ).replace('"arguments":{}', '"arguments":{"__proto__":{"id":"a","part":"b"}}'),
        },
        gets: [200, 0, 'Invalid arguments: id is required; part is required'],
      },
    ],
  );

  for (const [name, to] of [
    ['__proto__ in the message', `"__proto__":${pollution},"params"`],
    ['constructor.prototype in the message', `"constructor":{"prototype":${pollution}},"params"`],
  ] as const)
    it(`${name} goes nowhere`, async () => {
      const seen = await stage.seenOf(() => ask(stage.port, echoText('"params"', to)));
      assert.equal(seen.length, 1);
      assert.ok(!seen[0]?.body.includes('polluted'));
    });

  it('__proto__ in params and _meta goes nowhere', async () => {
    for (const at of ['"arguments"', '"io.modelcontextprotocol/clientInfo"']) {
      const seen = await stage.seenOf(() => ask(stage.port, echoText(at, `"__proto__":${pollution},${at}`)));
      assert.equal(seen.length, 1);
      assert.ok(!seen[0]?.body.includes('polluted'), seen[0]?.body);
    }
  });

  it('__proto__ in arguments is data, for the backend as for the gateway', async () => {
    const text = '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const seen = await stage.seenOf(async () => {
      const answer = await ask(stage.port, echoText('{"text":"HERE"}', text));
      assert.equal(responseOf(answer).result?.content?.[0]?.text, text);
    });
    assert.equal(seen.length, 1);
    assert.ok(seen[0]?.body.includes(`"arguments":${text}`), seen[0]?.body);
  });
});

describe('security: envelopes that are none', () => {
  let stage: Stage;
  before(async () => (stage = await setStage({ overrides: { http: { maxBatch: 3 } } })));
  after(() => stage.close());

  const badId = (id: string): Attempt => ({
    name: `an id that is ${id}`,
    send: echoText(/"id":"[^"]*"/, `"id":${id}`),
    gets: noMessage,
  });
  const text = (name: string, body: string | Buffer, gets: Refusal): Attempt => ({
    name,
    send: { ...echoCall(), body },
    gets,
  });
  refuses(
    () => stage,
    [
      text('nothing', '', parseError('is not valid JSON')),
      text('a comment', '{}//', parseError('is not valid JSON')),
      text('two messages', '{} {}', parseError('is not valid JSON')),
      text('NaN', '{"jsonrpc":"2.0","id":NaN,"method":"ping"}', parseError('is not valid JSON')),
      text(
        'a byte order mark',
        '\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}',
        parseError('is not valid JSON'),
      ),
      text(
        'UTF-16',
        Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}', 'utf16le'),
        parseError('is not valid JSON'),
      ),
      text('overlong UTF-8', Buffer.from('7b22c0af223a317d', 'hex'), parseError('is not valid UTF-8')),
      text(
        'a surrogate in UTF-8',
        Buffer.from('7b22eda080223a317d', 'hex'),
        parseError('is not valid UTF-8'),
      ),
      text('a number', '5', noMessage),
      text('no version', '{"id":1,"method":"ping"}', noMessage),
      text('another version', '{"jsonrpc":2.0,"id":1,"method":"ping"}', noMessage),
      text('a method that is a list', '{"jsonrpc":"2.0","id":1,"method":["tools/call"]}', noMessage),
      text('request and answer at once', '{"jsonrpc":"2.0","id":1,"method":5,"result":{}}', noMessage),
      text(
        'result and error at once',
        '{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":""}}',
        noMessage,
      ),
      ...['null', '1.5', '{}', '[]', 'true', '1e400', '9007199254740993', '-9007199254740993'].map(badId),
      {
        name: 'a method of the gateway itself',
        send: modernRequest('$/end'),
        gets: [404, -32601, 'Method not found'],
      },
      {
        name: 'a method with white space around it',
        send: modernRequest(
          'tools/call ',
          { name: 'back_echo' },
          { headers: { 'mcp-method': 'tools/call' } },
        ),
        gets: [400, -32020, 'Header mismatch: Mcp-Method differs from the method of the body'],
      },
      {
        name: 'a method in other letters',
        send: modernRequest('Tools/Call', { name: 'back_echo' }),
        gets: [404, -32601, 'Method not found: Tools/Call'],
      },
      {
        name: 'a batch where there are none',
        send: { ...echoCall(), body: [echoCall().body] },
        gets: [400, -32600, 'Batches are not part of this protocol version'],
      },
      {
        name: 'a batch that hides a message of the other era',
        send: async ({ port }) => {
          const { headers } = await openLegacySession(port, '2025-03-26');
          return { headers, body: [{ jsonrpc: '2.0', id: 1, method: 'ping' }, echoCall().body] };
        },
        gets: [400, -32600, 'Batches are not part of this protocol version'],
      },
      {
        name: 'a batch in a batch',
        send: async ({ port }) => {
          const { headers } = await openLegacySession(port, '2025-03-26');
          return { headers, body: [[{ jsonrpc: '2.0', id: 1, method: 'ping' }]] };
        },
        gets: noMessage,
      },
      {
        name: 'a batch that is too long',
        send: async ({ port }) => {
          const { headers } = await openLegacySession(port, '2025-03-26');
          const call = { jsonrpc: '2.0', method: 'tools/call', params: { name: 'back_echo' } };
          return { headers, body: [1, 2, 3, 4].map((id) => ({ ...call, id })) };
        },
        gets: [400, -32600, 'A batch of more than 3 messages'],
      },
      {
        name: 'initialize with the version header of the other era',
        send: {
          ...modernRequest('initialize'),
          body: { jsonrpc: '2.0', id: 1, method: 'initialize', params: {} },
        },
        gets: [400, -32020, 'The header MCP-Protocol-Version says 2026-07-28, which has no initialize'],
      },
    ],
  );
});
