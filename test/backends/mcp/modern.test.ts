import assert from 'node:assert/strict';
import { once } from 'node:events';
import { firstValueFrom, take, tap } from 'rxjs';
import { metaOf, type ToolDefinition } from '../../../src/protocol/mcp.js';
import { valve } from '../../../src/streams/valve.js';
import { within } from '../../support/within.js';
import { backendCall, repliesOf, textOf } from './backendCall.js';
import { connectMcp, disconnectAll } from './connectMcp.js';
import { discovery, text } from './modernScript.js';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';

describe('mcpBackend, modern era', () => {
  let server: ScriptedServer;
  let script: (request: Received) => void;

  beforeEach(async () => {
    script = (request) => request.result(text('ok'));
    server = await scriptedServer((request) =>
      request.body.method === 'server/discover' ? request.result(discovery) : script(request),
    );
  });
  afterEach(async () => {
    await disconnectAll();
    await server.close();
  });

  const tool: ToolDefinition = {
    name: 'where',
    inputSchema: {
      type: 'object',
      properties: {
        region: { type: 'string', 'x-mcp-header': 'Region' },
        level: { type: 'integer', 'x-mcp-header': 'Level' },
        absent: { type: 'string', 'x-mcp-header': 'Absent' },
      },
    },
  };

  it('sends the headers that a policy adds, once, in place of a configured one', async () => {
    const backend = connectMcp(server.url, { headers: { 'X-Team': 'all', 'X-Kept': 'yes' } });
    await repliesOf(backend, backendCall('where', { headers: { 'x-team': 'west', 'x-more': '1' } }));
    const { headers } = await server.next('the call', ({ body }) => body.method === 'tools/call');
    assert.deepEqual([headers['x-team'], headers['x-more'], headers['x-kept']], ['west', '1', 'yes']);
  });

  it('sends the envelope and exactly the headers that mirror it', async () => {
    const backend = connectMcp(server.url, { headers: { Authorization: 'Bearer own', Accept: 'text/html' } });
    await repliesOf(
      backend,
      backendCall('where', {
        tool,
        params: {
          name: 'where',
          arguments: { region: 'zürich ', level: 3, absent: null },
          _meta: { traceparent: '00-1-2-01', 'acme/key': 1 },
        },
        progress: true,
        logLevel: 'warning',
      }),
    );
    const { headers, body } = await server.next('the call', ({ body }) => body.method === 'tools/call');
    const { host, connection, 'content-length': length, ...rest } = headers;
    assert.ok(host && connection && length);
    assert.deepEqual(rest, {
      authorization: 'Bearer own',
      accept: 'application/json, text/event-stream',
      'content-type': 'application/json',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'where',
      'mcp-param-region': `=?base64?${Buffer.from('zürich ').toString('base64')}?=`,
      'mcp-param-level': '3',
    });
    assert.deepEqual(body, {
      jsonrpc: '2.0',
      id: body.id,
      method: 'tools/call',
      params: {
        name: 'where',
        arguments: { region: 'zürich ', level: 3, absent: null },
        _meta: {
          traceparent: '00-1-2-01',
          'acme/key': 1,
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
          'io.modelcontextprotocol/clientInfo': { name: 'sluice-test', version: '0.0.0' },
          'io.modelcontextprotocol/logLevel': 'warning',
          progressToken: body.id,
        },
      },
    });
  });

  it('mirrors the URI of a resource, encoded where it must be, and nothing for completions', async () => {
    const backend = connectMcp(server.url, { protocol: 'modern' });
    await repliesOf(backend, backendCall('', { method: 'resources/read', params: { uri: 'file:///ä' } }));
    await repliesOf(backend, backendCall('', { method: 'completion/complete', params: { ref: {} } }));
    const [read, complete] = server.received;
    assert.equal(read?.headers['mcp-name'], `=?base64?${Buffer.from('file:///ä').toString('base64')}?=`);
    assert.equal(complete?.headers['mcp-name'], undefined);
  });

  it('passes results untouched, and errors of the handler as values, whatever their status', async () => {
    const backend = connectMcp(server.url);
    const odd = { ...text('x'), structuredContent: [1, null], extra: { a: 1 }, _meta: { 'acme/k': 2 } };
    script = (request) => request.result(odd);
    assert.deepEqual(await repliesOf(backend, backendCall('a')), [{ kind: 'result', result: odd }]);
    script = (request) => request.result({ content: [] });
    assert.deepEqual(await repliesOf(backend, backendCall('a')), [
      { kind: 'result', result: { content: [] } },
    ]);
    for (const [code, status] of [
      [-32602, 200],
      [-32602, 400],
      [-32601, 404],
      [-32021, 400],
      [1234, 200],
    ] as const) {
      script = (request) => request.error(code, status, { detail: 1 });
      const [reply] = await repliesOf(backend, backendCall('a'));
      assert.deepEqual(reply, { kind: 'error', error: { code, message: 'no', data: { detail: 1 } } });
    }
  });

  it('passes progress of this call only, rising, without its token, and log messages from the level on', async () => {
    script = (request) => {
      const { id } = request.body;
      const notify = (method: string, params: unknown) => request.event({ jsonrpc: '2.0', method, params });
      notify('notifications/progress', { progressToken: id, progress: 1, total: 3 });
      notify('notifications/progress', { progressToken: id, progress: 1 });
      notify('notifications/progress', { progressToken: 'other', progress: 2 });
      notify('notifications/message', { level: 'info', data: 'quiet' });
      notify('notifications/message', { level: 'error', data: 'loud' });
      notify('notifications/unheard/of', {});
      notify('notifications/progress', { progressToken: id, progress: 2, message: 'm' });
      request.event({ jsonrpc: '2.0', id, result: text('done') }, 'event: message\nretry: 10\n');
      request.response.end();
    };
    const replies = await repliesOf(
      connectMcp(server.url),
      backendCall('a', { progress: true, logLevel: 'warning' }),
    );
    assert.deepEqual(replies, [
      { kind: 'notification', method: 'notifications/progress', params: { progress: 1, total: 3 } },
      { kind: 'notification', method: 'notifications/message', params: { level: 'error', data: 'loud' } },
      { kind: 'notification', method: 'notifications/progress', params: { progress: 2, message: 'm' } },
      { kind: 'result', result: text('done') },
    ]);
  });

  it('passes progress without the members that clients could not read', async () => {
    script = (request) => {
      const { id } = request.body;
      const odd = [
        { message: { a: 1 }, total: 'x', _meta: 5 },
        { message: null, total: null, _meta: [] },
        { message: '', total: 0, _meta: { 'acme/k': 1 }, extra: { a: 1 } },
      ];
      for (const [at, params] of odd.entries())
        request.event({
          jsonrpc: '2.0',
          method: 'notifications/progress',
          params: { progressToken: id, progress: at, ...params },
        });
      request.event({ jsonrpc: '2.0', id, result: text('done') });
      request.response.end();
    };
    const replies = await repliesOf(connectMcp(server.url), backendCall('a', { progress: true }));
    assert.deepEqual(
      replies.flatMap((reply) => (reply.kind === 'notification' ? [reply.params] : [])),
      [
        { progress: 0 },
        { progress: 1 },
        { progress: 2, message: '', total: 0, _meta: { 'acme/k': 1 }, extra: { a: 1 } },
      ],
    );
  });

  it('uses a connection again after a stream', async () => {
    script = (request) => {
      request.event({ jsonrpc: '2.0', id: request.body.id, result: text('done') });
      setImmediate(() => request.response.end());
    };
    const backend = connectMcp(server.url, { protocol: 'modern' });
    const ports = new Set<number | undefined>();
    for (let call = 0; call < 5; call++) {
      await repliesOf(backend, backendCall('a'));
      const last = server.received.at(-1) as Received;
      ports.add(last.response.req.socket.remotePort);
      if (!last.response.closed) await once(last.response, 'close');
    }
    // Two, when a call came before the end of the stream had been read; never one each.
    assert.ok(ports.size <= 2);
  });

  it('cancels by closing the response, within 100 ms', async () => {
    script = () => undefined;
    const subscription = connectMcp(server.url).invoke(backendCall('hang')).subscribe();
    const { response } = await server.next('the call', ({ body }) => body.method === 'tools/call');
    const closed = once(response, 'close');
    const at = performance.now();
    subscription.unsubscribe();
    await closed;
    assert.ok(performance.now() - at < 100);
    assert.ok(!server.methods().includes('notifications/cancelled'));
  });

  it('ends with the answer even when the server leaves the stream open', async () => {
    script = (request) => request.event({ jsonrpc: '2.0', id: request.body.id, result: text('done') });
    const replies = await within(8000, 'the end', repliesOf(connectMcp(server.url), backendCall('a')));
    assert.equal(textOf(replies[0]), 'done');
    const { response } = await server.next('the call', ({ body }) => body.method === 'tools/call');
    await once(response, 'close'); // given up after a while
  });

  it('holds the server back while the valve is closed', async () => {
    const block = 'x'.repeat(64 * 1024);
    let written = 0;
    script = (request) => {
      const more = (): void => {
        while (!request.response.destroyed && written < 256 * 1024 * 1024) {
          written += block.length;
          const params = { progressToken: request.body.id, progress: written, message: block };
          const frame = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params })}\n\n`;
          if (!request.response.write(frame)) return void request.response.once('drain', more);
        }
      };
      request.response.writeHead(200, { 'content-type': 'text/event-stream' });
      more();
    };
    const demand = valve();
    const call = backendCall('a', { progress: true, valve: demand });
    const first = firstValueFrom(
      connectMcp(server.url)
        .invoke(call)
        .pipe(
          tap(() => demand.pause()),
          take(10_000),
        ),
    );
    await first;
    const early = written;
    assert.ok(early < 64 * 1024 * 1024, `${early} bytes were pulled`);
  });

  it('asks for its tools anew and tries once more when the server refuses the headers', async () => {
    const fresh = {
      ...tool,
      inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Area' } } },
    };
    script = (request) => {
      if (request.body.method === 'tools/list')
        return request.result({ resultType: 'complete', tools: [fresh] });
      if (request.headers['mcp-param-area'] === undefined) return request.error(-32020, 400);
      return request.result(text('ok'));
    };
    const backend = connectMcp(server.url);
    const changed = firstValueFrom(backend.changed$);
    const params = { name: 'where', arguments: { region: 'eu' } };
    assert.equal(textOf((await repliesOf(backend, backendCall('where', { tool, params })))[0]), 'ok');
    await changed;
  });

  it('never relays what concerns the hop', async () => {
    const backend = connectMcp(server.url);
    for (const [code, status, data] of [
      [-32020, 400, undefined],
      [-32020, 200, undefined],
      [-32022, 400, { supported: ['2026-07-28'], requested: '2026-07-28' }],
      [-32022, 200, { supported: [], requested: '2026-07-28' }],
    ] as const) {
      script = (request) => request.error(code, status, data);
      await assert.rejects(repliesOf(backend, backendCall('a')), { code: 'ERR_UPSTREAM_FAILED' });
    }
  });

  it('passes a request for input on, with the state as it came', async () => {
    const round = { resultType: 'input_required', inputRequests: {}, requestState: 'as it came' };
    script = (request) => request.result(round);
    assert.deepEqual(await repliesOf(connectMcp(server.url), backendCall('a')), [
      { kind: 'result', result: round },
    ]);
  });

  it('tells the server what the client can be asked for, and no more of it', async () => {
    const asked = {
      sampling: {},
      elicitation: { form: {} },
      roots: { listChanged: true },
      experimental: { x: {} },
    };
    let told: unknown;
    script = (request) => {
      told = metaOf(request.body.params)['io.modelcontextprotocol/clientCapabilities'];
      request.result({ content: [] });
    };
    await repliesOf(connectMcp(server.url), backendCall('a', { capabilities: asked }));
    assert.deepEqual(told, { sampling: {}, elicitation: { form: {} }, roots: {} });
  });
});
