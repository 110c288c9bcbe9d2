import assert from 'node:assert/strict';
import type { JsonRpcCall } from '../../src/protocol/jsonrpc.js';
import { shapesOf } from '../../src/protocol/shapes.js';

const revisions = ['2025-03-26', '2025-06-18', '2025-11-25', '2026-07-28'] as const;
const envelope = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  },
};
const message = (
  revision: string,
  method: string,
  params: Readonly<Record<string, unknown>> = {},
  id: unknown = 1,
): JsonRpcCall =>
  ({
    jsonrpc: '2.0',
    ...(id === null ? {} : { id }),
    method,
    params: revision === '2026-07-28' ? { ...envelope, ...params } : params,
  }) as JsonRpcCall;

describe('protocol/shapes', () => {
  const both = [
    'tools/list',
    'tools/call',
    'prompts/list',
    'prompts/get',
    'resources/list',
    'resources/read',
    'resources/templates/list',
    'completion/complete',
    'notifications/cancelled',
  ];
  const old = [
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'notifications/initialized',
    'notifications/roots/list_changed',
  ];
  const fresh = ['server/discover', 'subscriptions/listen'];
  const never = [
    'sampling/createMessage',
    'elicitation/create',
    'roots/list',
    'notifications/message',
    'notifications/tools/list_changed',
    'x',
    '',
    'toString',
    '__proto__',
  ];
  for (const revision of revisions) {
    const isModern = revision === '2026-07-28';
    it(`${revision} knows its methods, and those only`, () => {
      const { methods } = shapesOf(revision);
      for (const method of both) assert.ok(methods.has(method), method);
      for (const method of old) assert.equal(methods.has(method), !isModern, method);
      for (const method of fresh) assert.equal(methods.has(method), isModern, method);
      for (const method of never) assert.ok(!methods.has(method), method);
    });

    const good: [string, Readonly<Record<string, unknown>>][] = [
      ['tools/list', {}],
      ['tools/list', { cursor: '' }],
      ['tools/call', { name: 'x' }],
      ['tools/call', { name: 'x', arguments: { a: [1, null, { b: 'c' }] } }],
      ['tools/call', { name: 'x', unknownKey: 1 }],
      ['prompts/get', { name: 'x', arguments: { a: 'b' } }],
      ['resources/read', { uri: 'file:///a' }],
      [
        'completion/complete',
        { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: 'v' } },
      ],
      [
        'completion/complete',
        { ref: { type: 'ref/resource', uri: 'a{b}' }, argument: { name: 'a', value: 'v' } },
      ],
    ];
    for (const [method, params] of good)
      it(`${revision} takes ${method} ${JSON.stringify(params)}`, () =>
        assert.equal(shapesOf(revision).check(message(revision, method, params)), undefined));

    const bad: [string, Readonly<Record<string, unknown>>, RegExp][] = [
      ['tools/call', {}, /params must have required property 'name'/],
      ['tools/call', { name: 7 }, /params\.name must be string/],
      ['tools/call', { name: 'x', arguments: [] }, /params\.arguments must be object/],
      ['prompts/get', { name: 'x', arguments: { a: 1 } }, /params\.arguments\.a must be string/],
      ['resources/read', {}, /'uri'/],
      ['tools/list', { cursor: 7 }, /params\.cursor must be string/],
      [
        'completion/complete',
        { ref: { type: 'ref/other' }, argument: { name: 'a', value: 'v' } },
        /params\.ref/,
      ],
    ];
    for (const [method, params, problem] of bad)
      it(`${revision} says what is wrong with ${method} ${JSON.stringify(params)}`, () =>
        assert.match(shapesOf(revision).check(message(revision, method, params)) ?? 'nothing', problem));
  }

  it('initialize needs its three parts', () => {
    const { check } = shapesOf('2025-11-25');
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'c', version: '1' },
    };
    assert.equal(check(message('', 'initialize', params)), undefined);
    for (const key of Object.keys(params))
      assert.match(check(message('', 'initialize', { ...params, [key]: undefined })) ?? '', new RegExp(key));
  });

  it('a log level is one of eight', () => {
    const { check } = shapesOf('2025-11-25');
    assert.equal(check(message('', 'logging/setLevel', { level: 'warning' })), undefined);
    assert.match(check(message('', 'logging/setLevel', { level: 'loud' })) ?? '', /params\.level/);
  });

  it('a 2026 request may leave out who it is, not what it can', () => {
    const { check } = shapesOf('2026-07-28');
    const bare = { jsonrpc: '2.0', id: 1, method: 'tools/list' } as JsonRpcCall;
    assert.match(check(bare) ?? '', /params/);
    assert.match(check({ ...bare, params: { _meta: {} } }) ?? '', /_meta/);
    assert.equal(check({ ...bare, params: envelope }), undefined);
  });

  const say = (inputResponses: unknown) =>
    shapesOf('2026-07-28').check(message('2026-07-28', 'tools/call', { name: 'a', inputResponses }));
  for (const [answer, fault] of [
    [{ action: 'evil' }, /is no ElicitResult: action must be equal to one of the allowed values$/],
    [{ action: 'accept', content: 'x' }, /is no ElicitResult: content must be object$/],
    [
      { action: 'accept', content: { score: {} } },
      /is no ElicitResult: content\.score has none of the forms that are allowed there$/,
    ],
    [{ roots: 5 }, /is no ListRootsResult: roots must be array$/],
    [{ roots: [{}] }, /is no ListRootsResult: roots\.0 must have required property 'uri'$/],
    [{ role: 'user', content: [] }, /is no CreateMessageResult: must have required property 'model'$/],
    [{}, /is no answer: an elicitation wants `action`, roots\/list `roots`, sampling/],
    [{ content: {} }, /is no answer: /],
    [null, /must be object$/],
    [[], /must be object$/],
  ] as const)
    it(`names the answer of a round that is none: ${JSON.stringify(answer)}`, () => {
      const problem = say({ fine: { action: 'cancel' }, 'my/key': answer }) ?? 'nothing';
      assert.match(problem, fault);
      assert.ok(problem.startsWith('params.inputResponses["my/key"] '), problem);
    });

  it('says what is wrong with the answers as a whole, and with the rest of the call', () => {
    assert.equal(say([]), 'params.inputResponses must be object');
    assert.match(say({ ['k'.repeat(5000)]: 5 }) ?? '', /^.{100,200}$/);
  });

  it('unknown methods have no shape; unknown revisions do not exist', () => {
    assert.equal(shapesOf('2025-11-25').check(message('', 'x/y')), undefined);
    assert.throws(() => shapesOf('1999-01-01'), TypeError);
  });

  it('takes any number for a number, where the published schemas say integer', () => {
    const { check } = shapesOf('2026-07-28');
    const answer = { action: 'accept', content: { score: 95.5, age: 30, names: ['Ada'], verified: true } };
    const call = (more: Readonly<Record<string, unknown>>) =>
      check(message('2026-07-28', 'tools/call', { name: 'a', arguments: {}, ...more }));
    assert.equal(call({ inputResponses: { form: answer } }), undefined);
    assert.match(
      call({ inputResponses: { form: { ...answer, content: { score: {} } } } }) ?? '',
      /inputResponses/,
    );
    const capabilities = { extensions: { 'com.example/x': { ratio: 0.5, nothing: null } } };
    const _meta = { ...envelope._meta, 'io.modelcontextprotocol/clientCapabilities': capabilities };
    assert.equal(call({ _meta }), undefined);
  });
});
