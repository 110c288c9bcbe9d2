import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { modernRequest } from '../../support/modern.js';
import { openRaw } from '../../support/openRaw.js';
import { requestBytes, type RequestParts } from '../../support/requestBytes.js';
import { startHttp, type HttpListener } from './startHttp.js';

const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const note = { jsonrpc: '2.0', method: 'notifications/x' };
const legacy = (version: string) => ({ 'mcp-protocol-version': version });
const modern = legacy('2026-07-28');
const json = { accept: 'application/json' };
const listenByJson = { ...modern, ...json, 'mcp-method': 'subscriptions/listen' };

describe('sources/http/fromHttp', () => {
  let http: HttpListener;
  before(async () => (http = await startHttp()));
  after(() => http.close());
  const send = (request: RequestParts) => ask(http.port, request);

  describe('statuses of mcp-protocol.md 2.1 and 3.5', () => {
    const rows: [string, RequestParts, number, number?][] = [
      ['a request', { body: ping }, 200],
      ['a request below the path with a slash', { path: '/mcp/', body: ping }, 200],
      ['a request with a query', { path: '/mcp?x=1', body: ping }, 200],
      ['a notification', { body: note }, 202],
      ['a response of a 2025 client', { body: { jsonrpc: '2.0', id: 1, result: {} } }, 202],
      ['an origin on another host', { headers: { origin: 'https://evil.example' }, body: ping }, 403, -32000],
      ['a foreign host', { headers: { host: 'evil.example' }, body: ping }, 403, -32000],
      ['an origin on loopback', { headers: { origin: 'http://localhost:6274' }, body: ping }, 200],
      [
        'a listen stream by JSON alone',
        { ...modernRequest('subscriptions/listen', { notifications: {} }), headers: listenByJson },
        406,
        -32000,
      ],
      [
        'JSON alone, in the 2025 era',
        { headers: { ...legacy('2025-11-25'), ...json }, body: ping },
        406,
        -32000,
      ],
      [
        'SSE alone, in the 2025 era',
        { headers: { ...legacy('2025-11-25'), accept: 'text/event-stream' }, body: ping },
        406,
        -32000,
      ],
      ['everything', { headers: { accept: '*/*' }, body: ping }, 200],
      ['JSON alone, in the 2026 era', modernRequest('tools/list', {}, { headers: json }), 200],
      ['neither', modernRequest('tools/list', {}, { headers: { accept: 'text/html' } }), 406, -32000],
      ['another content type', { headers: { 'content-type': 'text/plain' }, body: ping }, 415, -32000],
      ['no content type', { headers: { 'content-type': undefined }, body: ping }, 415, -32000],
      [
        'a content type that only begins like it',
        { headers: { 'content-type': 'application/jsonx' }, body: ping },
        415,
        -32000,
      ],
      [
        'a content type with a charset',
        { headers: { 'content-type': 'application/json; charset=utf-8' }, body: ping },
        200,
      ],
      ['a content type in capitals', { headers: { 'content-type': 'Application/JSON' }, body: ping }, 200],
      ['no JSON', { body: '{"jsonrpc":' }, 400, -32700],
      ['no body', { headers: { 'content-type': 'application/json', 'content-length': '0' } }, 400, -32700],
      ['JSON that is no message', { body: { hello: 1 } }, 400, -32600],
      ['JSON that is no object', { body: '7' }, 400, -32600],
      ['an id of null', { body: { ...ping, id: null } }, 400, -32600],
      ['params as an array', { body: { ...ping, params: [] } }, 400, -32600],
      [
        'a body that is too large',
        { body: JSON.stringify({ ...ping, params: { x: 'x'.repeat(10_000) } }) },
        413,
        -32000,
      ],
      ['an unknown version', { headers: legacy('1999-01-01'), body: ping }, 400, -32000],
      ['another path', { path: '/', body: ping }, 404, -32000],
      ['an unknown namespace', { path: '/mcp/nobody', body: ping }, 404, -32000],
      ['a path that only begins like it', { path: '/mcpx', body: ping }, 404, -32000],
      ['PUT', { method: 'PUT', body: ping }, 405, -32000],
      ['GET without a session', { method: 'GET' }, 202],
      ['GET that takes no stream', { method: 'GET', headers: json }, 406, -32000],
      ['GET in the 2026 era', { method: 'GET', headers: modern }, 405, -32000],
      ['DELETE in the 2026 era', { method: 'DELETE', headers: modern }, 405, -32000],
      ['DELETE of an unknown version', { method: 'DELETE', headers: legacy('1999-01-01') }, 400, -32000],
      [
        'a method of our own',
        { headers: legacy('2025-11-25'), body: { ...ping, method: '$/end' } },
        200,
        -32601,
      ],
      [
        'a 2026 request without its method header',
        modernRequest('tools/list', {}, { headers: { 'mcp-method': undefined } }),
        400,
        -32020,
      ],
      ['a 2026 version header without envelope', { headers: modern, body: ping }, 400, -32602],
    ];
    for (const [name, request, status, code] of rows)
      it(`${name}: ${status}${code === undefined ? '' : ` ${code}`}`, async () => {
        const answer = await send(request);
        assert.equal(answer.status, status, answer.body);
        if (code === undefined) return;
        assert.equal(answer.headers['content-type'], 'application/json');
        assert.equal((JSON.parse(answer.body) as { error: { code: number } }).error.code, code);
      });

    it('405 names what is allowed', async () =>
      assert.equal((await send({ method: 'PATCH', body: ping })).headers['allow'], 'POST, GET, DELETE'));

    it('an error repeats the id it could read; else null in 2025, none in 2026', async () => {
      const idOf = async (request: RequestParts) =>
        (JSON.parse((await send(request)).body) as { id?: unknown }).id;
      assert.equal(await idOf({ headers: modern, body: { ...ping, id: 0 } }), 0);
      assert.equal(await idOf({ body: '{' }), null);
      assert.equal(await idOf({ headers: modern, body: '{' }), undefined);
    });
  });

  describe('what arrives', () => {
    const seen = async (request: RequestParts) =>
      (JSON.parse((await send(request)).body) as { result: unknown }).result;
    it('carries revision and namespace', async () => {
      assert.deepEqual(await seen({ body: ping }), {
        method: 'ping',
        version: '2025-03-26',
        namespace: null,
      });
      assert.deepEqual(await seen({ path: '/mcp/team', headers: legacy('2025-11-25'), body: ping }), {
        method: 'ping',
        version: '2025-11-25',
        namespace: 'team',
      });
    });

    it('carries session, headers and address; the 2026 era has no session', async () => {
      await send({ headers: { 'mcp-session-id': 's1', 'x-test': '1' }, body: ping });
      const origin = http.arrived.at(-1)?.origin;
      assert.deepEqual(
        [origin?.sessionId, origin?.headers['x-test'], origin?.address],
        ['s1', '1', '127.0.0.1'],
      );
      await send(modernRequest('tools/list', {}, { headers: { 'mcp-session-id': 's1' } }));
      assert.equal(http.arrived.at(-1)?.origin.sessionId, undefined);
    });

    it('GET and DELETE travel under names no client can use', async () => {
      await send({ method: 'GET', headers: { 'mcp-session-id': 's1' } });
      assert.equal(http.arrived.at(-1)?.message.method, '$/stream');
      await send({ method: 'DELETE', headers: { 'mcp-session-id': 's1' } });
      assert.equal(http.arrived.at(-1)?.message.method, '$/end');
    });

    it('an id that came twice is two calls', async () => {
      const connection = await openRaw(http.port);
      connection.write(
        Buffer.concat([requestBytes(http.port, { body: ping }), requestBytes(http.port, { body: ping })]),
      );
      for (let i = 0; i < 2; i++) assert.equal((await connection.answer()).status, 200);
      connection.destroy();
    });
  });

  describe('batches', () => {
    const rows: [string, readonly unknown[], Readonly<Record<string, string>>, number, number?][] = [
      ['of two', [ping, { ...ping, id: 2 }], {}, 200],
      ['of notifications', [note, note], {}, 202],
      ['of nothing', [], {}, 400, -32600],
      ['that is too long', [ping, ping, ping, ping], {}, 400, -32600],
      ['with something that is no message', [ping, 7], {}, 400, -32600],
      ['with initialize', [{ ...ping, method: 'initialize' }], {}, 400, -32600],
      ['in a revision without them', [ping], legacy('2025-06-18'), 400, -32600],
      ['in the 2026 era', [ping], modern, 400, -32600],
      ['with a 2026 message', [ping, modernRequest('tools/list').body], {}, 400, -32600],
    ];
    for (const [name, body, headers, status, code] of rows)
      it(`${name}: ${status}${code === undefined ? '' : ` ${code}`}`, async () => {
        const answer = await send({ headers, body });
        assert.equal(answer.status, status, answer.body);
        if (code !== undefined)
          assert.equal((JSON.parse(answer.body) as { error: { code: number } }).error.code, code);
      });
  });

  describe('CORS', () => {
    const origin = 'http://localhost:6274';
    it('answers a preflight with what MCP needs, and the parameter headers asked for', async () => {
      const asked = 'content-type, mcp-param-Region, x-other, mcp-param-bad name';
      const { status, headers } = await send({
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-headers': asked },
      });
      assert.equal(status, 204);
      assert.equal(headers['access-control-allow-origin'], origin);
      const allowed = (headers['access-control-allow-headers'] ?? '').toLowerCase().split(', ');
      for (const name of [
        'authorization',
        'mcp-protocol-version',
        'mcp-method',
        'mcp-name',
        'mcp-session-id',
        'last-event-id',
        'mcp-param-region',
      ])
        assert.ok(allowed.includes(name), name);
      assert.ok(!allowed.some((name) => name.includes('x-other') || name.includes('bad')));
      assert.equal(headers['access-control-allow-methods'], 'POST, GET, DELETE');
    });
    it('lets a page read answers and refusals alike', async () => {
      for (const body of [ping, '{']) {
        const { headers } = await send({ headers: { origin }, body });
        assert.equal(headers['access-control-allow-origin'], origin);
        assert.equal(
          headers['access-control-expose-headers'],
          'Mcp-Session-Id, WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy',
        );
        assert.equal(headers['vary'], 'Origin');
      }
    });
    it('says nothing to who is no page, and nothing to a page that may not', async () => {
      assert.equal((await send({ body: ping })).headers['access-control-allow-origin'], undefined);
      const refused = await send({ method: 'OPTIONS', headers: { origin: 'https://evil.example' } });
      assert.equal(refused.status, 403);
      assert.equal(refused.headers['access-control-allow-origin'], undefined);
    });
  });

  it('stops listening when unsubscribed', async () => {
    const other = await startHttp();
    const connection = await openRaw(other.port);
    await other.close();
    await connection.closed();
  });
});
