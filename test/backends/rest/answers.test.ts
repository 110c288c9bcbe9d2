import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { backendAt, callOf, repliesOf, resultOf, textOf, tool, type Made } from './restCalls.js';
import { startService, type Handler, type Service } from './startService.js';
import type { RestToolSettings } from '../../../src/config/settings.js';
import type { CallToolResult } from '../../../src/protocol/mcp.js';

describe('restBackend: answers to results', () => {
  let service: Service | undefined;

  afterEach(() => service?.close());

  const answered = async (
    handler: Handler,
    settings: Partial<RestToolSettings> = {},
    made: Made = {},
  ): Promise<CallToolResult> => {
    service = await startService(handler);
    const backend = backendAt(service.url, [tool(settings)], made);
    const result = await resultOf(backend);
    await backend.close(0);
    return result;
  };
  const body =
    (type: string | undefined, bytes: string | Buffer, status = 200): Handler =>
    (_request, response) => {
      response.statusCode = status;
      if (type !== undefined) response.setHeader('content-type', type);
      response.end(bytes);
    };
  const png = Buffer.from('89504e470d0a1a0a00ff', 'hex');

  it('gives an object as text, verbatim, and structured', async () => {
    const text = '{ "id": 7,\n "total": 1.10 }';
    assert.deepEqual(await answered(body('application/json', text)), {
      content: [{ type: 'text', text }],
      structuredContent: { id: 7, total: 1.1 },
    });
  });

  it('knows JSON by its suffix, and without a content type', async () => {
    assert.deepEqual((await answered(body('application/hal+json', '{"a":1}'))).structuredContent, { a: 1 });
    await service?.close();
    assert.deepEqual((await answered(body(undefined, '{"a":1}'))).structuredContent, { a: 1 });
  });

  it('gives a list, a number and broken JSON as text alone', async () => {
    for (const text of ['[1,2]', '7', 'null', '{"a":']) {
      assert.deepEqual(await answered(body('application/json', text)), { content: [{ type: 'text', text }] });
      await service?.close();
    }
  });

  it('wraps a list where the output schema has one', async () => {
    const outputSchema = {
      type: 'object',
      properties: { orders: { type: 'array' }, total: { type: 'number' } },
    };
    const result = await answered(body('application/json', '[1,2]'), { outputSchema });
    assert.deepEqual(result.structuredContent, { orders: [1, 2] });
  });

  it('gives JSON of 100,000 levels as text alone', async () => {
    const text = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
    assert.deepEqual(await answered(body('application/json', text)), { content: [{ type: 'text', text }] });
  });

  it('honours the charset', async () => {
    const latin1 = Buffer.from('{"name":"Müller"}', 'latin1');
    const result = await answered(body('application/json; charset=ISO-8859-1', latin1));
    assert.deepEqual(result.structuredContent, { name: 'Müller' });
    await service?.close();
    assert.equal(textOf(await answered(body('text/plain', '\ufeffgrün'))), 'grün');
    await service?.close();
    assert.equal(textOf(await answered(body('text/plain; charset=nobody-knows', 'grün'))), 'grün');
  });

  it('gives text and XML as text', async () => {
    for (const type of ['text/csv', 'text/html; charset=utf-8', 'application/xml', 'application/atom+xml']) {
      assert.deepEqual(await answered(body(type, 'a,b')), { content: [{ type: 'text', text: 'a,b' }] });
      await service?.close();
    }
  });

  it('gives images and sound as their blocks, anything else as a resource', async () => {
    const data = png.toString('base64');
    assert.deepEqual((await answered(body('image/png', png))).content, [
      { type: 'image', data, mimeType: 'image/png' },
    ]);
    await service?.close();
    assert.deepEqual((await answered(body('audio/wav', png))).content, [
      { type: 'audio', data, mimeType: 'audio/wav' },
    ]);
    for (const [type, mimeType] of [
      ['application/pdf', 'application/pdf'],
      [undefined, 'application/octet-stream'],
    ] as const) {
      await service?.close();
      const uri = 'sluice://shop/it';
      assert.deepEqual((await answered(body(type, png))).content, [
        { type: 'resource', resource: { uri, mimeType, blob: data } },
      ]);
    }
  });

  it('says so when there is nothing', async () => {
    assert.equal(textOf(await answered(body(undefined, '', 204))), 'HTTP 204, no content');
    await service?.close();
    assert.equal(textOf(await answered(body('application/json', ''))), 'HTTP 200, no content');
  });

  it('breaks off an answer that is too large', async () => {
    let closed: Promise<unknown> | undefined;
    const handler: Handler = (_request, response) => {
      closed = new Promise((resolve) => response.on('close', resolve));
      response.setHeader('content-type', 'text/plain');
      const more = (): void => {
        while (response.write('x'.repeat(1024)));
        response.once('drain', more);
      };
      more();
    };
    const result = await answered(handler, {}, { maxResponseBytes: 10_000 });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /larger than 10000 bytes/);
    await closed;
  });

  it('takes an answer of just the limit', async () => {
    const result = await answered(body('text/plain', 'x'.repeat(1000)), {}, { maxResponseBytes: 1000 });
    assert.equal(textOf(result).length, 1000);
  });

  it('refuses an answer compressed against its wish', async () => {
    const result = await answered((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(gzipSync('{}'));
    });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /compressed/);
  });

  describe('redirects', () => {
    const redirects =
      (to: (url: string) => string | undefined): Handler =>
      (_request, response, { url }) => {
        const location = to(url);
        if (location === undefined) return void response.end('here');
        response.writeHead(302, { location }).end('elsewhere');
      };

    it('follows those of a GET within its origin', async () => {
      const hops: Record<string, string> = { '/': '/a?x=1', '/a?x=1': '../b', '/b': './c' };
      assert.equal(textOf(await answered(redirects((url) => hops[url]))), 'here');
      assert.deepEqual(
        service?.seen.map(({ url }) => url),
        ['/', '/a?x=1', '/b', '/c'],
      );
    });

    it('follows three at most', async () => {
      const result = await answered(redirects((url) => `${url}x`));
      assert.equal(result.isError, true);
      assert.equal(service?.seen.length, 4);
    });

    it('follows none elsewhere, and none of a POST', async () => {
      const other = await startService();
      const away = await answered(redirects(() => `${other.url}/secret`));
      assert.equal(away.isError, true);
      assert.equal(textOf(away), 'HTTP 302 Found: the service redirects to a place that is not followed');
      assert.deepEqual(other.seen, []);
      await other.close();
      await service?.close();
      const posted = await answered(
        redirects(() => '/b'),
        { method: 'POST' },
      );
      assert.equal(posted.isError, true);
      assert.equal(service?.seen.length, 1);
    });
  });

  it('answers other methods and unknown tools with JSON-RPC errors', async () => {
    const backend = backendAt('http://127.0.0.1:9', [tool()]);
    const [other] = await repliesOf(backend, callOf({}, { method: 'prompts/get' }));
    assert.ok(other?.kind === 'error');
    assert.equal(other.error.code, -32601);
    const [unknown] = await repliesOf(backend, callOf({}, {}, 'nobody'));
    assert.ok(unknown?.kind === 'error');
    assert.equal(unknown.error.code, -32602);
  });
});
