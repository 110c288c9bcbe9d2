import assert from 'node:assert/strict';
import { EMPTY } from 'rxjs';
import { resolveTool } from '../../src/operators/resolveTool.js';
import type { Catalog } from '../../src/streams/catalog.js';
import type { Resolved } from '../../src/streams/exchange.js';
import { constant, type Latest } from '../../src/streams/latest.js';
import { anyone } from '../../src/testing/anyone.js';
import { byCode } from '../../src/testing/byCode.js';
import { call as born, type CallOptions } from '../../src/testing/call.js';
import { marbles } from '../../src/testing/marbles.js';
import { serverOffering } from '../../src/testing/serverOffering.js';
import { catalogOf, noRefresh, tool } from './scenarios.js';

const orders = serverOffering('orders', {
  capabilities: { resources: {} },
  tools: [
    tool('get', { annotations: { readOnlyHint: true } }),
    tool('pay'),
    tool('put', { annotations: { idempotentHint: true } }),
  ],
  prompts: [{ name: 'greet' }],
  resources: [{ uri: 'orders://all', name: 'all' }],
  resourceTemplates: [{ uriTemplate: 'orders://{id}', name: 'one' }],
});
const docs = serverOffering('docs', {
  tools: [tool('get')],
  resourceTemplates: [{ uriTemplate: 'docs://{id}', name: 'doc' }],
});
const both = constant(catalogOf(orders, docs));
const call = (method: string, options: CallOptions = {}) => ({
  ...born(method, options),
  principal: anyone.principal,
});
const resolved = (method: string, options: CallOptions, catalog: Latest<Catalog> = both) => {
  const next = resolveTool(catalog, noRefresh).step(call(method, options));
  return 'target' in next ? next.target : undefined;
};

describe('operators/resolveTool', () => {
  const found: [string, CallOptions, string, Readonly<Record<string, unknown>>][] = [
    [
      'tools/call',
      { params: { name: 'orders_get', arguments: { id: 1 } } },
      'orders',
      { name: 'get', arguments: { id: 1 } },
    ],
    ['tools/call', { params: { name: 'docs_get' } }, 'docs', { name: 'get' }],
    ['tools/call', { namespace: 'team', params: { name: 'get' } }, 'orders', { name: 'get' }],
    [
      'prompts/get',
      { params: { name: 'orders_greet', arguments: { a: 'b' } } },
      'orders',
      { name: 'greet', arguments: { a: 'b' } },
    ],
    ['resources/read', { params: { uri: 'orders://all' } }, 'orders', { uri: 'orders://all' }],
    ['resources/read', { params: { uri: 'orders://7' } }, 'orders', { uri: 'orders://7' }],
    ['resources/read', { params: { uri: 'docs://7' } }, 'docs', { uri: 'docs://7' }],
    ['resources/read', { params: { uri: 'unlisted://x' } }, 'orders', { uri: 'unlisted://x' }],
    [
      'completion/complete',
      { params: { ref: { type: 'ref/prompt', name: 'orders_greet' }, argument: { name: 'a', value: '' } } },
      'orders',
      { ref: { type: 'ref/prompt', name: 'greet' }, argument: { name: 'a', value: '' } },
    ],
    [
      'completion/complete',
      { params: { ref: { type: 'ref/resource', uri: 'docs://{id}' }, argument: { name: 'id', value: '' } } },
      'docs',
      { ref: { type: 'ref/resource', uri: 'docs://{id}' }, argument: { name: 'id', value: '' } },
    ],
  ];
  for (const [method, options, server, params] of found)
    it(`${method} ${JSON.stringify(options.params).slice(0, 60)} goes to ${server}`, () => {
      const target = resolved(method, options);
      assert.equal(target?.server.settings.name, server);
      assert.equal(target.method, method);
      assert.deepEqual(target.params, params);
    });

  it('keeps of _meta what may cross the hop', () => {
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
    const _meta = {
      progressToken: 1,
      'io.modelcontextprotocol/logLevel': 'debug',
      traceparent,
      tracestate: 'no state',
      'vendor.com/x': 1,
    };
    const target = resolved('tools/call', { params: { name: 'orders_get', _meta } });
    assert.deepEqual(target?.params['_meta'], { traceparent, 'vendor.com/x': 1 });
  });

  it('only what reads or is idempotent may be repeated', () => {
    const repeatable = (name: string) => resolved('tools/call', { params: { name } })?.repeatable;
    assert.deepEqual(
      [repeatable('orders_get'), repeatable('orders_put'), repeatable('orders_pay')],
      [true, true, false],
    );
    assert.equal(resolved('prompts/get', { params: { name: 'orders_greet' } })?.repeatable, true);
  });

  it('passes a call in its frame; the log knows where it goes', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const a = call('tools/call', { params: { name: 'orders_get' } });
      const calls = cold('  --a--|', { a });
      const subs = '        ^----!';
      const expected = '    --A--|';
      const A = resolveTool(both, noRefresh).step(a);
      expectObservable(calls.pipe(resolveTool(both, noRefresh))).toBe(expected, { A });
      expectSubscriptions(calls.subscriptions).toBe(subs);
      assert.deepEqual([a.notes.server, a.notes.target], ['orders', 'orders_get']);
    }));

  const missing: [string, CallOptions, string][] = [
    ['tools/call', { params: { name: 'get' } }, 'ERR_TOOL_UNKNOWN'],
    ['tools/call', { params: { name: '__proto__' } }, 'ERR_TOOL_UNKNOWN'],
    ['tools/call', { namespace: 'team', params: { name: 'docs_get' } }, 'ERR_TOOL_UNKNOWN'],
    ['tools/call', { namespace: 'nowhere', params: { name: 'orders_get' } }, 'ERR_TOOL_UNKNOWN'],
    ['prompts/get', { params: { name: 'greet' } }, 'ERR_PROMPT_UNKNOWN'],
    ['completion/complete', { params: { ref: { type: 'ref/prompt', name: 'greet' } } }, 'ERR_PROMPT_UNKNOWN'],
    ['completion/complete', { params: {} }, 'ERR_PROMPT_UNKNOWN'],
  ];
  for (const [method, options, code] of missing)
    it(`refuses ${method} ${JSON.stringify(options)}: ${code}`, () =>
      marbles(({ cold, expectObservable, expectSubscriptions }) => {
        const calls = cold('  --a--|', { a: call(method, options) });
        const subs = '        ^-!';
        const expected = '    --#';
        expectObservable(calls.pipe(resolveTool(both, noRefresh), byCode())).toBe(expected, {}, code);
        expectSubscriptions(calls.subscriptions).toBe(subs);
      }));

  it('a resource that nobody has names its URI', () =>
    marbles(({ cold, expectObservable }) => {
      const calls = cold('  a|', { a: call('resources/read', { params: { uri: 'x:y' } }) });
      const expected = '    #';
      expectObservable(calls.pipe(resolveTool(constant(catalogOf(docs)), noRefresh), byCode())).toBe(
        expected,
        {},
        'ERR_RESOURCE_UNKNOWN',
      );
    }));

  it('does not ask a server for unlisted resources when the configuration leaves its resources out', () => {
    const closed = serverOffering('orders', { capabilities: { resources: {} } }, { capabilities: ['tools'] });
    assert.equal(
      resolved('resources/read', { params: { uri: 'x:y' } }, constant(catalogOf(closed))),
      undefined,
    );
  });

  it('asks once more for what the catalogue has not, and finds what has come up meanwhile', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      let current = catalogOf(docs);
      const catalog = {
        get current() {
          return current;
        },
        changes$: EMPTY,
      };
      const refresh = cold<never>(' ---|');
      const a = call('tools/call', { params: { name: 'orders_get' } });
      const calls = cold('       --a--|', { a });
      const asked = '            --^--!';
      const expected = '         -----(A|)';
      cold('                     ---x').subscribe(() => (current = catalogOf(orders)));
      const A = resolveTool(both, noRefresh).step(a) as typeof a & Resolved;
      const target = { ...A.target, server: orders };
      expectObservable(calls.pipe(resolveTool(catalog, () => refresh))).toBe(expected, {
        A: { ...A, target },
      });
      expectSubscriptions(refresh.subscriptions).toBe(asked);
    }));

  it('drops the question when unsubscribed', () =>
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const refresh = cold<never>(' ---|');
      const calls = cold('       --a--|', { a: call('tools/call', { params: { name: 'x' } }) });
      const asked = '            --^-!';
      expectObservable(calls.pipe(resolveTool(both, () => refresh)), '^---!').toBe('-----');
      expectSubscriptions(refresh.subscriptions).toBe(asked);
    }));
});
