import assert from 'node:assert/strict';
import type { RestToolSettings } from '../../../src/config/settings.js';
import { backendAt, callOf, resultOf, textOf, tool } from './restCalls.js';
import { startService, type Seen, type Service } from './startService.js';

describe('restBackend: arguments to requests', () => {
  let service: Service;

  beforeEach(async () => {
    service = await startService();
  });
  afterEach(() => service.close());

  /** Calls a tool and gives what the service saw. */
  const sent = async (
    settings: Partial<RestToolSettings>,
    values: Record<string, unknown>,
    root = '',
    meta = {},
  ): Promise<Seen> => {
    const backend = backendAt(service.url + root, [tool(settings)], {
      settings: { headers: { Authorization: 'Bearer backend-credential' } },
    });
    const call = callOf(values);
    const result = await resultOf(backend, { ...call, params: { ...call.params, _meta: meta } });
    assert.equal(result.isError, undefined, textOf(result));
    await backend.close(0);
    const [seen] = service.seen;
    assert.ok(seen);
    return seen;
  };

  const rows: readonly {
    title: string;
    tool: Partial<RestToolSettings>;
    values: Record<string, unknown>;
    root?: string;
    url: string;
    body?: unknown;
  }[] = [
    {
      title: 'sends the rest of a GET as query',
      tool: { path: '/orders/{id}' },
      values: { id: 7, full: true, none: null, q: 'a b&c=ü' },
      url: '/orders/7?full=true&q=a%20b%26c%3D%C3%BC',
    },
    {
      title: 'encodes what would leave a segment',
      tool: { path: '/orders/{id}' },
      values: { id: 'a/b?c#d%2f' },
      url: '/orders/a%2Fb%3Fc%23d%252f',
    },
    {
      title: 'puts the path below the base URL',
      tool: { path: '/orders' },
      values: {},
      root: '/api/v1/',
      url: '/api/v1/orders',
    },
    {
      title: 'calls the base URL itself',
      tool: { method: 'POST', path: '' },
      values: { a: 1 },
      root: '/rpc',
      url: '/rpc',
      body: { a: 1 },
    },
    {
      title: 'adds to the query of a template',
      tool: { path: '/find?kind=x&by={by}' },
      values: { by: 'a b', page: 2 },
      url: '/find?kind=x&by=a%20b&page=2',
    },
    {
      title: 'repeats the key of a list and writes objects as JSON',
      tool: {},
      values: { tag: ['a', 'b'], where: { x: 1 }, empty: [] },
      url: '/?tag=a&tag=b&where=%7B%22x%22%3A1%7D',
    },
    {
      title: 'sends what is left of a POST as JSON',
      tool: { method: 'POST', path: '/orders/{id}' },
      values: { id: 'x', item: 'tea', n: 2 },
      url: '/orders/x',
      body: { item: 'tea', n: 2 },
    },
    {
      title: 'sends an empty object if nothing is left',
      tool: { method: 'POST', path: '/orders/{id}' },
      values: { id: 'x' },
      url: '/orders/x',
      body: {},
    },
    {
      title: 'sends the argument "body" as the body',
      tool: { method: 'PUT' },
      values: { body: [1, 2] },
      url: '/',
      body: [1, 2],
    },
    {
      title: 'merges the rest into the body of a PATCH',
      tool: { method: 'PATCH' },
      values: { body: { a: 1 }, b: 2 },
      url: '/',
      body: { a: 1, b: 2 },
    },
    {
      title: 'sends the rest to the query where the body is a list',
      tool: { method: 'POST' },
      values: { body: [1], dry: true },
      url: '/?dry=true',
      body: [1],
    },
    {
      title: 'sends the body of a DELETE and the rest as query',
      tool: { method: 'DELETE' },
      values: { body: { why: 'old' }, force: true },
      url: '/?force=true',
      body: { why: 'old' },
    },
    {
      title: 'renames query parameters and sends no others',
      tool: { query: { text: 'q' } },
      values: { text: 'tea', other: 1 },
      url: '/?q=tea',
    },
    {
      title: 'keeps query and body of a POST apart',
      tool: { method: 'POST', query: { dry: 'dry_run' } },
      values: { dry: true, item: 'tea' },
      url: '/?dry_run=true',
      body: { item: 'tea' },
    },
    {
      title: 'sends one argument as the body if told so',
      tool: { method: 'POST', body: 'order' },
      values: { order: { item: 'tea' }, dry: true },
      url: '/?dry=true',
      body: { item: 'tea' },
    },
    {
      title: 'sends all as the body with *',
      tool: { method: 'DELETE', path: '/{id}', body: '*' },
      values: { id: 1, body: 2, c: 3 },
      url: '/1',
      body: { body: 2, c: 3 },
    },
    {
      title: 'takes __proto__ for a name like any other',
      tool: { method: 'POST', path: '/{id}' },
      values: JSON.parse('{"id":1,"__proto__":{"a":1}}') as Record<string, unknown>,
      url: '/1',
      body: JSON.parse('{"__proto__":{"a":1}}') as unknown,
    },
  ];
  for (const { title, tool: settings, values, root, url, body } of rows)
    it(title, async () => {
      const seen = await sent(settings, values, root);
      assert.equal(seen.method, settings.method ?? 'GET');
      assert.equal(seen.url, url);
      if (body === undefined) return assert.equal(seen.body, '');
      assert.equal(seen.headers['content-type'], 'application/json');
      assert.equal(seen.body, JSON.stringify(body));
    });

  it('sends the credential of the settings and nothing of the client', async () => {
    const { headers } = await sent({}, {}, '', { traceparent: 'nonsense', tracestate: 'a=b' });
    assert.equal(headers.authorization, 'Bearer backend-credential');
    assert.equal(headers['accept-encoding'], 'identity');
    assert.match(String(headers['user-agent']), /^sluice\/\d+\.\d+\.\d+/);
    assert.deepEqual(Object.keys(headers).sort(), [
      ...['accept', 'accept-encoding', 'authorization', 'connection', 'host', 'user-agent'],
    ]);
  });

  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const trace = { traceparent, tracestate: 'a=b,c@d=e', baggage: 'user=al%C3%AFce;p=1' };
  for (const [what, given, expected] of [
    ['trace context on as headers', trace, trace],
    [
      'of it what is well-formed',
      { traceparent, tracestate: 'a=b\r\nx: y', baggage: 'no baggage' },
      { traceparent, tracestate: undefined, baggage: undefined },
    ],
  ] as const)
    it(`passes ${what}`, async () => {
      const { headers } = await sent({}, {}, '', given);
      const { traceparent, tracestate, baggage } = headers;
      assert.deepEqual({ traceparent, tracestate, baggage }, expected);
    });

  it('sends arguments as headers', async () => {
    const { headers, url } = await sent(
      { headers: { tenant: 'X-Tenant', tags: 'x-tags' } },
      { tenant: 'acme', tags: [1, 2] },
    );
    assert.equal(headers['x-tenant'], 'acme');
    assert.equal(headers['x-tags'], '1,2');
    assert.equal(url, '/');
  });

  const refused: readonly (readonly [string, Partial<RestToolSettings>, Record<string, unknown>, RegExp])[] =
    [
      ['a missing path argument', { path: '/a/{id}' }, {}, /Missing argument "id"/],
      ['an empty one', { path: '/a/{id}', method: 'DELETE' }, { id: '' }, /Missing argument "id"/],
      ['an inherited one', { path: '/a/{constructor}' }, {}, /Missing argument "constructor"/],
      ['an object in the path', { path: '/a/{id}' }, { id: {} }, /"id" can't be part of a path/],
      ['..', { path: '/a/{id}' }, { id: '..' }, /"\.\." are refused/],
      ['a climbing text', { path: '/a/{id}' }, { id: '../admin' }, /refused/],
      ['an encoded climb', { path: '/a/{id}' }, { id: '%2e%2e%2fadmin' }, /refused/],
      ['a backslash climb', { path: '/a/{id}' }, { id: '..\\admin' }, /refused/],
      ['a climb made of two values', { path: '/a/{x}{y}/c' }, { x: '.', y: '.' }, /refused/],
      [
        'a line break in a header',
        { headers: { a: 'x-a' } },
        { a: 'x\r\nx-evil: 1' },
        /"a" is sent as a header/,
      ],
      ['a text no header can carry', { headers: { a: 'x-a' } }, { a: '日本' }, /"a" is sent as a header/],
    ];
  for (const [title, settings, values, message] of refused)
    it(`refuses ${title} and sends nothing`, async () => {
      const backend = backendAt(service.url, [tool(settings)]);
      const result = await resultOf(backend, callOf(values));
      assert.equal(result.isError, true);
      assert.match(textOf(result), message);
      assert.deepEqual(service.seen, []);
      await backend.close(0);
    });
});
