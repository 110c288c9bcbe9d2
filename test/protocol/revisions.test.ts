import assert from 'node:assert/strict';
import { refusal } from '../../src/protocol/errors.js';
import type { JsonRpcCall, JsonRpcError, Result } from '../../src/protocol/jsonrpc.js';
import { knownRevision, negotiate, revisionOf } from '../../src/protocol/revisions/index.js';
import { legacyVersions } from '../../src/protocol/revisions/legacy.js';

const old = knownRevision('2025-11-25');
const modern = knownRevision('2026-07-28');
const us = { name: 'sluice', version: '1' };
const serverInfo = { 'io.modelcontextprotocol/serverInfo': us };

describe('protocol/revisions', () => {
  it('exist once each, and unknown ones not at all', () => {
    assert.equal(revisionOf('2025-11-25'), old);
    for (const version of ['', '1999-01-01', '2026-07-29', 'toString', '__proto__'])
      assert.equal(revisionOf(version), undefined);
    assert.throws(() => knownRevision('1999-01-01' as '2026-07-28'), TypeError);
  });

  const facts: [string, boolean, boolean][] = [
    ['2024-10-07', true, true],
    ['2024-11-05', true, true],
    ['2025-03-26', true, true],
    ['2025-06-18', true, false],
    ['2025-11-25', true, false],
    ['2026-07-28', false, false],
  ];
  for (const [version, sessions, batches] of facts)
    it(`${version} ${sessions ? 'has' : 'has no'} sessions and ${batches ? '' : 'no '}batches`, () => {
      const revision = revisionOf(version);
      assert.deepEqual(
        [
          revision?.sessions,
          revision?.batches,
          revision?.leavingCancels,
          revision?.strictAccept,
          revision?.unreadableId,
        ],
        [sessions, batches, !sessions, sessions, sessions ? null : undefined],
      );
    });

  for (const version of legacyVersions)
    it(`negotiates ${version}`, () => assert.equal(negotiate(version).version, version));
  for (const asked of ['2026-07-28', '1999-01-01', undefined, 7, null])
    it(`offers the newest with sessions to who asks for ${String(asked)}`, () =>
      assert.equal(negotiate(asked).version, '2025-11-25'));

  describe('results for 2026 clients', () => {
    const rows: [string, string, Result, Result][] = [
      [
        'a bare result',
        'tools/call',
        { content: [] },
        { resultType: 'complete', content: [], _meta: serverInfo },
      ],
      [
        'its own _meta is kept',
        'tools/call',
        { _meta: { 'x/y': 1 } },
        { resultType: 'complete', _meta: { 'x/y': 1, ...serverInfo } },
      ],
      [
        "the backend's name is not ours",
        'tools/call',
        { _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'b' } } },
        { resultType: 'complete', _meta: serverInfo },
      ],
      [
        'a result type is kept',
        'tools/call',
        { resultType: 'input_required' },
        { resultType: 'input_required', _meta: serverInfo },
      ],
      [
        'a list is cacheable for no time by nobody else',
        'tools/list',
        { tools: [] },
        { resultType: 'complete', tools: [], ttlMs: 0, cacheScope: 'private', _meta: serverInfo },
      ],
      [
        'a time to live is kept',
        'resources/read',
        { ttlMs: 5, cacheScope: 'public' },
        { resultType: 'complete', ttlMs: 5, cacheScope: 'public', _meta: serverInfo },
      ],
      [
        'nonsense is not',
        'resources/read',
        { ttlMs: -1, cacheScope: '' },
        { resultType: 'complete', ttlMs: 0, cacheScope: 'private', _meta: serverInfo },
      ],
      [
        'nor half milliseconds',
        'tools/list',
        { ttlMs: 1.5 },
        { resultType: 'complete', ttlMs: 0, cacheScope: 'private', _meta: serverInfo },
      ],
      [
        'structured content of any kind',
        'tools/call',
        { content: [], structuredContent: [1] },
        { resultType: 'complete', content: [], structuredContent: [1], _meta: serverInfo },
      ],
    ];
    for (const [name, method, value, expected] of rows)
      it(name, () => {
        const before = structuredClone(value);
        assert.deepEqual(modern.result(method, value, us), expected);
        assert.deepEqual(value, before, "the backend's value is not touched");
      });
  });

  describe('results for 2025 clients', () => {
    const rows: [string, string, Result, Result][] = [
      ['a bare result is as it is', 'tools/call', { content: [] }, { content: [] }],
      [
        'what only 2026 knows is left out',
        'tools/list',
        { tools: [], resultType: 'complete', ttlMs: 5, cacheScope: 'public' },
        { tools: [] },
      ],
      [
        'serverInfo is left out, other _meta kept',
        'tools/list',
        { tools: [], _meta: { ...serverInfo, 'x/y': 1 } },
        { tools: [], _meta: { 'x/y': 1 } },
      ],
      ['an empty _meta goes', 'tools/list', { tools: [], _meta: serverInfo }, { tools: [] }],
      [
        'structured content that is an object stays',
        'tools/call',
        { content: [], structuredContent: {} },
        { content: [], structuredContent: {} },
      ],
      [
        'structured content of another kind goes',
        'tools/call',
        { content: [{ type: 'text', text: 'one' }], structuredContent: [1] },
        { content: [{ type: 'text', text: 'one' }] },
      ],
      [
        'and is said in text where nothing else is',
        'tools/call',
        { content: [], structuredContent: [1, { a: null }] },
        { content: [{ type: 'text', text: '[1,{"a":null}]' }] },
      ],
      [
        'as is an object where there is no content',
        'tools/call',
        { structuredContent: { a: 1 }, isError: false },
        {
          structuredContent: { a: 1 },
          isError: false,
          content: [{ type: 'text', text: '{"a":1}' }],
        },
      ],
      [
        'an output schema that is no object goes, a schema that is no object becomes one',
        'tools/list',
        {
          tools: [
            { name: 'a', inputSchema: { type: 'object' }, outputSchema: { type: 'array' }, x: 1 },
            {
              name: 'b',
              inputSchema: { type: 'object', properties: { yes: true, no: false, s: { type: 'string' } } },
              outputSchema: { type: 'object', properties: { any: true } },
            },
            { name: 'c', inputSchema: { type: 'object' }, outputSchema: { anyOf: [{ type: 'object' }] } },
          ],
        },
        {
          tools: [
            { name: 'a', inputSchema: { type: 'object' }, x: 1 },
            {
              name: 'b',
              inputSchema: {
                type: 'object',
                properties: { yes: {}, no: { not: {} }, s: { type: 'string' } },
              },
              outputSchema: { type: 'object', properties: { any: {} } },
            },
            { name: 'c', inputSchema: { type: 'object' } },
          ],
        },
      ],
      [
        'ttlMs inside structured content stays',
        'tools/call',
        { content: [], structuredContent: { ttlMs: 1 } },
        { content: [], structuredContent: { ttlMs: 1 } },
      ],
    ];
    for (const [name, method, value, expected] of rows)
      it(name, () => {
        const before = structuredClone(value);
        assert.deepEqual(old.result(method, value, us), expected);
        assert.deepEqual(value, before);
      });
    it('costs no copy where there is nothing to do', () => {
      const value = { content: [], _meta: { 'x/y': 1 } };
      assert.equal(old.result('tools/call', value, us), value);
      const list = { tools: [{ name: 'a', inputSchema: { type: 'object', properties: { s: {} } } }] };
      assert.equal(old.result('tools/list', list, us), list);
    });
  });

  describe('errors', () => {
    const missing = (code: number, data?: unknown): JsonRpcError => ({
      code,
      message: 'm',
      ...(data === undefined ? {} : { data }),
    });
    const uri = { uri: 'a:b' };
    const rows: [string, 'old' | 'modern', string, JsonRpcError, JsonRpcError][] = [
      ['a missing resource of 2026', 'old', 'resources/read', missing(-32602, uri), missing(-32002, uri)],
      ['wrong params of 2026', 'old', 'resources/read', missing(-32602), missing(-32602)],
      ['wrong params of another method', 'old', 'tools/call', missing(-32602, uri), missing(-32602, uri)],
      ['a missing resource of 2025', 'modern', 'resources/read', missing(-32002, uri), missing(-32602, uri)],
      [
        'a missing resource of 2025 without data',
        'modern',
        'resources/read',
        missing(-32002),
        missing(-32602, {}),
      ],
      ['any other error', 'modern', 'tools/call', missing(-32000, 1), missing(-32000, 1)],
      ['an error of an application', 'old', 'tools/call', missing(42, [1]), missing(42, [1])],
    ];
    for (const [name, era, method, error, expected] of rows)
      it(`${name} for ${era} clients`, () =>
        assert.deepEqual((era === 'old' ? old : modern).error(method, error), expected));

    it('statuses', () => {
      assert.equal(old.status(refusal('ERR_METHOD_UNKNOWN', '')), 200);
      assert.equal(modern.status(refusal('ERR_METHOD_UNKNOWN', '')), 404);
      assert.equal(old.relayedStatus(missing(-32020)), 200);
      for (const code of [-32020, -32021, -32022]) assert.equal(modern.relayedStatus(missing(code)), 400);
      assert.equal(modern.relayedStatus(missing(-32602)), 200);
    });
  });

  it('a log level stands in each 2026 request, elsewhere in the session', () => {
    const asking = (level: unknown): JsonRpcCall => ({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { _meta: { 'io.modelcontextprotocol/logLevel': level } },
    });
    assert.equal(modern.logLevel(asking('debug')), 'debug');
    assert.equal(modern.logLevel(asking('loud')), undefined);
    assert.equal(modern.logLevel({ jsonrpc: '2.0', id: 1, method: 'x' }), undefined);
    assert.equal(old.logLevel(asking('debug')), undefined);
  });
});
