import assert from 'node:assert/strict';
import { lastValueFrom } from 'rxjs';
import { GatewayError } from '../../../src/protocol/errors.js';
import { sanitize } from '../../../src/sources/backends/rest/sanitize.js';
import { backendAt, callOf, resultOf, textOf, tool } from './restCalls.js';
import { startService, type Handler, type Service } from './startService.js';

describe('restBackend: failures', () => {
  let service: Service | undefined;

  afterEach(() => service?.close());

  const failure = async (status: number, type: string, body: string, headers = {}): Promise<string> => {
    service = await startService((_request, response) => {
      response.writeHead(status, { 'content-type': type, ...headers }).end(body);
    });
    const backend = backendAt(service.url, [tool()], {
      settings: { headers: { 'x-api-key': 'k-1234567890', authorization: 'Bearer s3cr3t-t0ken' } },
    });
    const result = await resultOf(backend);
    await backend.close(0);
    await service.close();
    assert.equal(result.isError, true);
    assert.equal(result.structuredContent, undefined);
    return textOf(result);
  };
  const json = (status: number, value: unknown, headers = {}): Promise<string> =>
    failure(status, 'application/json', JSON.stringify(value), headers);

  it("gives status, reason and the service's own message", async () => {
    assert.equal(await json(404, { message: 'no order 7' }), 'HTTP 404 Not Found: no order 7');
    assert.equal(
      await failure(
        422,
        'application/problem+json',
        '{"title":"Invalid","detail":"quantity must be above 0"}',
      ),
      'HTTP 422 Unprocessable Entity: quantity must be above 0',
    );
    assert.equal(await json(400, { error: { message: 'bad', code: 7 } }), 'HTTP 400 Bad Request: bad');
    assert.equal(
      await json(422, { detail: [{ loc: ['body', 'n'], msg: 'not a number' }] }),
      'HTTP 422 Unprocessable Entity: not a number',
    );
    assert.equal(
      await json(400, { title: 'Invalid', errors: { name: ['required'] } }),
      'HTTP 400 Bad Request: Invalid: {"name":["required"]}',
    );
    assert.equal(
      await json(422, { title: 'Not an order', fields: { quantity: 'must be a number' } }),
      'HTTP 422 Unprocessable Entity: Not an order: {"quantity":"must be a number"}',
    );
    assert.equal(await json(409, { code: 'TAKEN', stack: 'x' }), 'HTTP 409 Conflict: {"code":"TAKEN"}');
    assert.equal(await failure(500, 'text/plain', ''), 'HTTP 500 Internal Server Error');
    assert.equal(await failure(502, 'text/html', '<html><h1>nginx</h1></html>'), 'HTTP 502 Bad Gateway');
    assert.equal(await failure(599, 'text/plain', 'odd'), 'HTTP 599: odd');
  });

  it('says when to come back', async () => {
    assert.equal(
      await json(429, { message: 'slow down' }, { 'retry-after': '7' }),
      'HTTP 429 Too Many Requests (retry after 7 s): slow down',
    );
  });

  it('shows no address, path, stack or secret', async () => {
    const stack = [
      'connect ECONNREFUSED 10.1.2.3:5432',
      '    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1555:16)',
      '    at /usr/src/app/lib/db.js:10:5',
      'see http://orders.internal:8080/admin?key=1 or ask db-primary:5432',
      'key k-1234567890, s3cr3t-t0ken',
    ].join('\n');
    for (const text of [
      await failure(500, 'text/plain', stack),
      await json(500, { message: stack }),
      await json(500, { error: stack.split('\n') }),
    ]) {
      assert.match(text, /^HTTP 500 Internal Server Error: /);
      for (const leak of [
        '10.1.2.3',
        '5432',
        'usr/src',
        'afterConnect',
        'orders.internal',
        'key=1',
        'db-primary',
      ])
        assert.ok(!text.includes(leak), `${leak} in ${text}`);
      for (const secret of ['k-1234567890', 's3cr3t']) assert.ok(!text.includes(secret), text);
    }
  });

  it('cuts a long message, and breaks a very long one off', async () => {
    const text = await failure(400, 'text/plain', 'word '.repeat(100_000));
    assert.ok(text.length < 2200);
    assert.match(text, /…$/);
  });

  it('throws ERR_UPSTREAM_UNREACHABLE if nobody listens', async () => {
    service = await startService();
    await service.close();
    const backend = backendAt(service.url, [tool({ method: 'POST' })]);
    await assert.rejects(lastValueFrom(backend.invoke(callOf())), (error: unknown) => {
      assert.ok(error instanceof GatewayError);
      assert.equal(error.code, 'ERR_UPSTREAM_UNREACHABLE');
      assert.ok(!error.message.includes('127.0.0.1'));
      return true;
    });
    await backend.close(0);
  });

  const lost: readonly (readonly [string, Handler])[] = [
    ['before the answer', (request) => void request.socket.destroy()],
    [
      'within it',
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        response.write('{"a":', () => request.socket.destroy());
      },
    ],
    [
      'within a stream',
      (request, response) => {
        response.writeHead(200, { 'content-type': 'application/x-ndjson' });
        response.write('{"a":1}\n', () => request.socket.destroy());
      },
    ],
  ];
  for (const [when, handler] of lost)
    it(`throws ERR_UPSTREAM_FAILED if the connection is lost ${when}`, async () => {
      service = await startService(handler);
      const backend = backendAt(service.url, [tool({ method: 'POST' })]);
      await assert.rejects(lastValueFrom(backend.invoke(callOf())), { code: 'ERR_UPSTREAM_FAILED' });
      await backend.close(0);
    });

  it('refuses settings that can not work', () => {
    assert.throws(() => backendAt('ftp://x', [tool()]), TypeError);
    assert.throws(
      () => backendAt('http://me:pw@x', [tool()]),
      (error: Error) => !error.message.includes('pw'),
    );
    assert.throws(() => backendAt('', [tool()]), TypeError);
    assert.throws(() => backendAt('http://x', [], { settings: { headers: { a: 'x\ny' } } }), TypeError);
    assert.throws(
      () => backendAt('http://x', [], { settings: { headers: { connection: 'close' } } }),
      TypeError,
    );
  });

  it('leaves a broken tool out and offers the others', async () => {
    const settings = { headers: { authorization: 'Bearer x' } };
    const backend = backendAt(
      'http://127.0.0.1:9',
      [
        tool(),
        tool({ name: 'broken', path: '/{id' }),
        tool({ name: 'thief', headers: { a: 'Authorization' } }),
        tool({ name: 'smuggler', headers: { a: 'Content-Length' } }),
      ],
      { settings },
    );
    const offer = await lastValueFrom(backend.offer());
    assert.deepEqual(
      offer.tools.map(({ name }) => name),
      ['it'],
    );
    assert.equal(offer.warnings.length, 3);
    assert.equal(offer.revision, 'rest');
  });
});

describe('sanitize', () => {
  const clean = (text: string): string => sanitize(text, [], 2048);

  it('removes addresses, host names, paths, credentials and stacks', () => {
    for (const leak of [
      'https://a.b/c?d=e',
      'postgres://u:p@h/db',
      'jdbc:postgresql://h:1/db',
      '192.168.0.1',
      '192.168.0.1:80',
      '[::1]:8080',
      'fe80::1',
      '2001:db8:0:0:0:0:0:1',
      'localhost:3000',
      'redis:6379',
      'svc.ns.svc.cluster.local',
      '/var/lib/app/data.db',
      'C:\\app\\x.dll',
      'Bearer abcdefghij',
      'password=hunter2',
      '"token": "abc123"',
      'eyJhbGciOi.eyJzdWIi.c2lnbmF0dXJl',
      'getaddrinfo ENOTFOUND db',
    ]) {
      const text = clean(`before ${leak} after`);
      assert.match(text, /^before .*\[removed\].* after$/, `${leak} → ${text}`);
      for (const part of leak.split(/[\s"=]+/).filter((word) => /\d|[/.:]/.test(word)))
        assert.ok(!text.includes(part), `${leak} → ${text}`);
    }
    for (const line of [
      '    at f (x.js:1:2)',
      '\tat com.acme.Orders.get(Orders.java:10)',
      'Traceback (most recent call last):',
      '  File "/app/x.py", line 3, in f',
      'main.go:12 +0x1d',
    ])
      assert.equal(clean(`it broke\n${line}`), 'it broke');
  });

  it('leaves ordinary sentences alone', () => {
    for (const text of [
      'order 7 of 2026-01-01T12:30:45Z is closed',
      'must be one of open, shipped and/or cancelled',
      'quantity: 12 is above 10 (limit 1.5)',
      'at least one item is needed',
      'use std::vector',
    ])
      assert.equal(clean(text), text);
  });

  it('takes no long time over anything', () => {
    const started = performance.now();
    for (const piece of ['a.', 'a-', 'eyJa-', '/a', '1.', ':', 'a:', '[::', 'token ', 'a://', '::1', ' '])
      clean(piece.repeat(16 * 1024));
    assert.ok(performance.now() - started < 1000);
  });
});
