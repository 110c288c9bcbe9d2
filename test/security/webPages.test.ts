import assert from 'node:assert/strict';
import { ask } from '../support/ask.js';
import { requestBytes, type RequestParts } from '../support/requestBytes.js';
import { echoCall } from './attempts.js';
import { refuses, revealsNothing, type Attempt, type Refusal } from './refuses.js';
import { setStage, type Stage } from './stage.js';
import { upgrade } from './upgrade.js';

const foreignHost: Refusal = [403, -32000, 'This Host is not allowed; see http.allowed_hosts'];
const foreignOrigin: Refusal = [403, -32000, 'This Origin is not allowed; see http.allowed_origins'];
const nothingHere: Refusal = [404, -32000, 'Nothing is served here; the endpoint is /mcp'];
const noNamespace: Refusal = [404, -32000, 'There is no such namespace; the endpoint of all servers is /mcp'];
const notJson: Refusal = [415, -32000, 'Content-Type must be application/json'];

const withHeaders = (headers: Readonly<Record<string, string | undefined>>): RequestParts =>
  echoCall({}, headers);

describe('security: pages in browsers', () => {
  let stage: Stage;
  before(async () => (stage = await setStage({ overrides: { webSocket: true } })));
  after(() => stage.close());

  refuses(
    () => stage,
    [
      ...[
        'text/plain',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        undefined,
      ].map((type): Attempt => ({
        name: `a form without a preflight: ${type ?? 'no type'}`,
        send: withHeaders({ 'content-type': type }),
        gets: notJson,
      })),
      ...[
        'text/plain; application/json',
        'application/jsonp',
        'application/json-seq',
        'application/x+json',
      ].map((type): Attempt => ({
        name: `a type that only looks like JSON: ${type}`,
        send: withHeaders({ 'content-type': type }),
        gets: notJson,
      })),
      ...[
        'http://evil.example',
        'null',
        '',
        'http://localhost.evil.example',
        'http://127.0.0.1.evil.example',
        'http://evil.example#localhost',
        'http://localhost@evil.example',
        'http://evil.example:80@localhost.evil.example',
        'file://',
        'chrome-extension://abcdef',
        'http://xn--lcalhost-9za.example',
      ].map((origin): Attempt => ({
        name: `the origin ${origin || 'that is empty'}`,
        send: withHeaders({ origin }),
        gets: foreignOrigin,
      })),
      ...(['GET', 'DELETE', 'OPTIONS'] as const).map((method): Attempt => ({
        name: `${method} of another origin`,
        send: { method, headers: { origin: 'http://evil.example', accept: 'text/event-stream' } },
        gets: foreignOrigin,
      })),
      {
        name: 'the HTTP+SSE stream of another origin',
        send: {
          method: 'GET',
          path: '/sse',
          headers: { origin: 'http://evil.example', accept: 'text/event-stream' },
        },
        gets: foreignOrigin,
      },
      {
        name: 'a WebSocket of another origin',
        send: { ...upgrade, headers: { ...upgrade.headers, origin: 'http://evil.example' } },
        gets: foreignOrigin,
      },
      {
        name: 'a WebSocket of a page from nowhere',
        send: { ...upgrade, headers: { ...upgrade.headers, origin: 'null' } },
        gets: foreignOrigin,
      },
    ],
  );

  it("a preflight grants MCP's own headers and nothing that is asked for besides", async () => {
    const { status, headers } = await ask(stage.port, {
      method: 'OPTIONS',
      headers: {
        origin: 'http://localhost',
        'access-control-request-headers': 'x-evil, mcp-param-a, mcp-param-b c, cookie',
      },
    });
    assert.equal(status, 204);
    assert.equal(headers['access-control-allow-origin'], 'http://localhost');
    assert.equal(headers['access-control-allow-credentials'], undefined);
    assert.match(headers['access-control-allow-headers'] ?? '', /, mcp-param-a$/);
    assert.doesNotMatch(headers['access-control-allow-headers'] ?? '', /evil|cookie|mcp-param-b/i);
  });
});

describe('security: names that lead here from elsewhere (DNS rebinding)', () => {
  let stage: Stage;
  before(async () => (stage = await setStage({ overrides: { webSocket: true } })));
  after(() => stage.close());

  const host = (value: string): Attempt => ({
    name: `the host ${value || 'that is empty'}`,
    send: withHeaders({ host: value }),
    gets: foreignHost,
  });
  refuses(
    () => stage,
    [
      ...[
        'evil.example',
        'evil.example:80',
        '',
        '127.0.0.1.evil.example',
        'localhost.evil.example',
        'localhost@evil.example',
        'localhost evil.example',
        'localhost,evil.example',
        'localhost:80:80',
        'localhost:x',
        '127.1',
        '2130706433',
        '[::ffff:127.0.0.1]',
        '0.0.0.0',
        '169.254.169.254',
      ].map(host),
      {
        name: 'a trusted name in X-Forwarded-Host',
        send: withHeaders({
          host: 'evil.example',
          'x-forwarded-host': 'localhost',
          forwarded: 'host=localhost',
        }),
        gets: foreignHost,
      },
      {
        name: 'a WebSocket at another name',
        send: { ...upgrade, headers: { ...upgrade.headers, host: 'evil.example' } },
        gets: foreignHost,
      },
      {
        name: 'no name, in HTTP/1.0',
        send: ({ port }) =>
          Buffer.from(
            requestBytes(port, echoCall({}, { host: undefined }))
              .toString()
              .replace('HTTP/1.1', 'HTTP/1.0'),
          ),
        gets: foreignHost,
      },
    ],
  );
});

describe('security: paths and methods that pretend', () => {
  let stage: Stage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  const path = (at: string, gets: Refusal): Attempt => ({
    name: `the path ${at}`,
    send: { ...echoCall(), path: at },
    gets,
  });
  refuses(
    () => stage,
    [
      path('/', nothingHere),
      path('//mcp', nothingHere),
      path('/MCP', nothingHere),
      path('/mcp%2f', nothingHere),
      path('/%6dcp', nothingHere),
      path('/mcp;x', nothingHere),
      path('/./mcp', nothingHere),
      path('/metrics', nothingHere),
      path('/healthz', nothingHere),
      path('http://evil.example/mcp', nothingHere),
      path('/mcp/../metrics', noNamespace),
      path('/mcp/back/x', noNamespace),
      path('/mcp//', noNamespace),
      path('/mcp/%00', noNamespace),
      ...['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Prefix'].map((header): Attempt => ({
        name: `the endpoint's path in ${header}`,
        send: { ...withHeaders({ [header]: '/mcp' }), path: '/elsewhere' },
        gets: nothingHere,
      })),
      ...['PUT', 'PATCH', 'TRACE', 'PROPFIND'].map((method): Attempt => ({
        name: `the method ${method}`,
        send: { ...echoCall(), method },
        gets: [405, -32000, 'Method not allowed here'],
      })),
      ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((header): Attempt => ({
        name: `POST in ${header}`,
        send: { ...withHeaders({ [header]: 'POST', 'mcp-protocol-version': '2025-11-25' }), method: 'GET' },
        gets: [400, -32000, 'The header Mcp-Session-Id is missing: initialize first'],
      })),
    ],
  );
});

const nothing = { code: 'ERR_NOT_FOUND', message: 'Nothing here; try /, /healthz, /readyz or /metrics' };

describe('security: the admin listener and web pages', () => {
  let stage: Stage;
  before(async () => (stage = await setStage()));
  after(() => stage.close());

  for (const [name, { path, ...request }, status, says] of [
    [
      'another host',
      { path: '/metrics', headers: { host: 'evil.example' } },
      403,
      'This Host is not allowed; see http.allowed_hosts',
    ],
    [
      'another origin',
      { path: '/readyz', headers: { origin: 'http://evil.example' } },
      403,
      'This Origin is not allowed; see http.allowed_origins',
    ],
    [
      'a page from nowhere',
      { path: '/healthz', headers: { origin: 'null' } },
      403,
      'This Origin is not allowed; see http.allowed_origins',
    ],
    ['POST', { method: 'POST', path: '/metrics' }, 405, 'Only GET and HEAD'],
    ['another path', { path: '/metrics/..' }, 404, nothing],
    ['the endpoint', { path: '/mcp' }, 404, nothing],
    ['an absolute URL', { path: 'http://evil.example/metrics' }, 404, nothing],
  ] as const)
    it(`${name} is refused`, async () => {
      const port = Number(new URL(stage.gateway.adminUrl).port);
      const answer = await stage.unseen(() => ask(port, { method: 'GET', ...request, path }));
      assert.equal(answer.status, status);
      assert.deepEqual(JSON.parse(answer.body), { error: says });
      assert.equal(answer.headers['access-control-allow-origin'], undefined);
      revealsNothing(stage, answer);
    });
});
