import assert from 'node:assert/strict';
import { ask } from '../../support/ask.js';
import { counts } from '../../support/counts.js';
import { eventually } from '../../support/eventually.js';
import { openRaw, type RawConnection } from '../../support/openRaw.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { within } from '../../support/within.js';

describe('fromLegacySse', () => {
  let backend: McpBackend;
  let gateway: RunningGateway;
  const open: RawConnection[] = [];

  before(async () => {
    backend = await startMcpBackend();
    gateway = await startGateway(`  back: { url: "${backend.url}" }`, {
      http: { maxBodyBytes: 10_000, heartbeatMs: 200, slowClientTimeoutMs: 500 },
    });
  });
  after(async () => {
    await gateway.close();
    await backend.close();
  });
  afterEach(async () => {
    for (const connection of open.splice(0)) connection.destroy();
    await eventually(8000, 'nothing left', async () => {
      const { calls, streams, sessions } = await counts(gateway.adminUrl);
      return calls + streams + sessions === 0;
    });
  });

  /** Opens a stream, and gives the path to post to. */
  const stream = async (): Promise<{ connection: RawConnection; path: string }> => {
    const connection = await openRaw(gateway.port);
    open.push(connection);
    const host = `127.0.0.1:${gateway.port}`;
    connection.write(`GET /sse HTTP/1.1\r\nhost: ${host}\r\naccept: text/event-stream\r\n\r\n`);
    const begun = await connection.seen('\n\n\r\n');
    assert.match(begun, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(begun, /content-type: text\/event-stream/);
    const [, path] = /event: endpoint\ndata: (\/messages\?sessionId=[\w-]{43})\n\n/.exec(begun) ?? [];
    assert.ok(path, begun);
    return { connection, path };
  };
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    ask(gateway.port, { path, body, headers });
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
  };

  it('names the place to post to first, and answers on the stream, with 202 for the post', async () => {
    const { connection, path } = await stream();
    const taken = await post(path, initialize);
    assert.equal(taken.status, 202, taken.body);
    const seen = await connection.seen('"id":1');
    assert.match(
      seen,
      /event: message\ndata: \{"jsonrpc":"2\.0","id":1,"result":\{"protocolVersion":"2024-11-05"/,
    );
    assert.equal((await counts(gateway.adminUrl)).sessions, 1);
    await connection.seen(': keep-alive');
  });

  it('refuses posts for streams that are not, or no longer', async () => {
    assert.equal((await post('/messages?sessionId=unknown', initialize)).status, 404);
    assert.equal((await post('/messages', initialize)).status, 404);
    const { connection, path } = await stream();
    connection.destroy();
    await eventually(8000, 'the end', async () => (await post(path, initialize)).status === 404);
  });

  it('refuses what is no message by the status, and tells on the stream what is wrong with one', async () => {
    const { connection, path } = await stream();
    assert.equal((await post(path, '{"jsonrpc":')).status, 400);
    assert.equal((await post(path, { hello: 'world' })).status, 400);
    assert.equal((await post(path, [initialize])).status, 400);
    assert.equal((await post(path, 'x'.repeat(10_001))).status, 413);
    assert.equal((await post(path, initialize, { 'content-type': 'text/plain' })).status, 415);
    assert.equal((await post(path, { jsonrpc: '2.0', id: 2, method: 'tools/list' })).status, 202);
    await connection.seen('"id":2,"error":{"code":-32000');
  });

  it('knows its methods, and checks Host and Origin', async () => {
    const { path } = await stream();
    assert.equal((await ask(gateway.port, { method: 'DELETE', path: '/sse' })).status, 405);
    assert.equal((await ask(gateway.port, { method: 'GET', path })).status, 405);
    const foreign = { origin: 'https://evil.example' };
    assert.equal((await ask(gateway.port, { method: 'GET', path: '/sse', headers: foreign })).status, 403);
    assert.equal((await post(path, initialize, foreign)).status, 403);
    assert.equal((await ask(gateway.port, { method: 'GET', path: '/sse/nowhere' })).status, 404);
  });

  it('ends the session and cancels its calls when the stream ends', async () => {
    const { connection, path } = await stream();
    await post(path, initialize);
    await connection.seen('"id":1');
    const hang = {
      jsonrpc: '2.0',
      id: 'h',
      method: 'tools/call',
      params: { name: 'back_hang', arguments: {} },
    };
    assert.equal((await post(path, hang)).status, 202);
    const call = await backend.nextCall('hang');
    connection.destroy();
    await within(8000, 'the cancellation', call.abandoned);
  });

  it('takes no more from a client that does not read, and cuts it off', async () => {
    const { connection, path } = await stream();
    await post(path, initialize);
    await connection.seen('"id":1');
    const flood = {
      jsonrpc: '2.0',
      id: 'f',
      method: 'tools/call',
      params: { name: 'back_flood', arguments: { bytes: 2 ** 40 }, _meta: { progressToken: 1 } },
    };
    await post(path, flood);
    await connection.seen('notifications/progress');
    connection.socket.pause();
    const call = await backend.nextCall('flood');
    const statuses = new Set<number>();
    await eventually(5000, 'the refusal', async () => {
      statuses.add((await post(path, { jsonrpc: '2.0', id: 'p', method: 'ping' })).status);
      return statuses.has(503) || statuses.has(404);
    });
    assert.ok(statuses.has(503), [...statuses].join());
    await within(5000, 'the end of the call', call.abandoned);
    call.response.destroy();
  });

  it('ends its streams when the gateway stops', async () => {
    const stopping = await startGateway(`  back: { url: "${backend.url}" }`);
    const connection = await openRaw(stopping.port);
    connection.write(`GET /sse HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n\r\n`);
    await connection.seen('endpoint');
    await stopping.close();
    await connection.closed(1000);
  });
});
