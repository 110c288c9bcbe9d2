import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { startService, type Service } from '../backends/rest/startService.js';
import { startFollowing, type FollowingGateway } from '../gateway/startFollowing.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { responseOf } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import type { RawAnswer } from '../support/parseAnswer.js';
import { requestBytes, type RequestParts } from '../support/requestBytes.js';

describe('limits on what is under way', function () {
  this.timeout(15_000);
  /** What the service has not answered. */
  const hanging: ServerResponse[] = [];
  const arrivals = new EventEmitter();
  let service: Service;
  let gateway: FollowingGateway;
  let connections: RawConnection[] = [];

  before(async () => {
    service = await startService((_request, response, { url }) => {
      if (url.startsWith('/quick')) {
        response.setHeader('content-type', 'application/json').end('{"ok":true}');
        return;
      }
      hanging.push(response);
      arrivals.emit('hangs');
    });
  });
  afterEach(async () => {
    for (const connection of connections) connection.destroy();
    connections = [];
    for (const response of hanging.splice(0)) response.destroy();
    await gateway.gateway.close();
  });
  after(() => service.close());

  const start = async (bounds: string): Promise<void> => {
    const tools = '{ hang: { path: /hang, annotations: { readOnlyHint: false } }, quick: { path: /quick } }';
    const server = (name: string): string =>
      `  ${name}: { type: rest, url: "${service.url}", tools: ${tools} }`;
    gateway = await startFollowing(`${bounds}\nservers:\n${server('a')}\n${server('b')}`);
  };
  /** Sends a request on a connection of its own and leaves it open. */
  const send = async (request: RequestParts): Promise<RawConnection> => {
    const connection = await openRaw(gateway.port);
    connections.push(connection);
    connection.write(requestBytes(gateway.port, request));
    return connection;
  };
  /** The same, once the service has the call. */
  const hang = async (request: RequestParts): Promise<RawConnection> => {
    const arrived = once(arrivals, 'hangs');
    const connection = await send(request);
    await arrived;
    return connection;
  };
  const hangCall = (server = 'a'): RequestParts =>
    modernRequest('tools/call', { name: `${server}_hang`, arguments: {} });
  const quick = async (server = 'a'): Promise<boolean> => {
    const { result, error } = await modernCall(gateway.port, `${server}_quick`);
    if (error !== undefined) assert.equal(error.code, 4029);
    return result !== undefined;
  };
  const hasRoom = (server = 'a'): Promise<void> => eventually(3000, 'room for a call', () => quick(server));
  const isRefused = (answer: RawAnswer, status: number, limit: string, max: number): void => {
    const { error } = responseOf(answer);
    assert.deepEqual([answer.status, error?.code, error?.data], [status, 4029, { limit, max }]);
    assert.ok(error?.message.includes(limit), error?.message);
    assert.equal(answer.headers['retry-after'], '1');
  };

  it('of one client: 429, and room again when it leaves one', async () => {
    await start('streams: { per_client: 2 }');
    const [first] = [await hang(hangCall('a')), await hang(hangCall('b'))];
    isRefused(await ask(gateway.port, hangCall('b')), 429, 'streams.per_client', 2);
    first.destroy();
    await hasRoom();
  });

  it('of one client: a configuration with more room takes effect at once, and calls under way still count', async () => {
    await start('streams: { per_client: 1 }');
    await hang(hangCall());
    assert.equal(await quick(), false);
    const rest = `servers: { a: { type: rest, url: "${service.url}", tools: { quick: { path: /quick } } } }`;
    gateway.configure(`streams: { per_client: 2 }\n${rest}`);
    await hasRoom();
    gateway.configure(`streams: { per_client: 1 }\n${rest}`);
    assert.equal(await quick(), false);
  });

  it('of one session: 429, other sessions go on, and room again with notifications/cancelled', async () => {
    await start('streams: { per_session: 2 }');
    const [session, other] = [await openLegacySession(gateway.port), await openLegacySession(gateway.port)];
    const hangs = (id: number): RequestParts =>
      session.request('tools/call', { name: 'a_hang', arguments: {} }, id);
    await hang(hangs(1));
    await hang(hangs(2));
    isRefused(await ask(gateway.port, hangs(3)), 429, 'streams.per_session', 2);
    assert.ok((await other.call('a_quick')).result !== undefined);
    await session.notify('notifications/cancelled', { requestId: 1 });
    await eventually(3000, 'room', async () => (await session.call('a_quick')).result !== undefined);
  });

  it('of one session: its standing stream counts, and ending the session leaves nothing behind', async () => {
    await start('streams: { per_session: 1, per_client: 1 }');
    const session = await openLegacySession(gateway.port);
    const stream = await send({
      method: 'GET',
      headers: { ...session.headers, accept: 'text/event-stream' },
    });
    await stream.seen('200 OK');
    isRefused(await ask(gateway.port, session.request('ping')), 429, 'streams.per_client', 1);
    assert.ok((await session.end()).status < 300);
    await stream.answer();
    await hasRoom();
  });

  it('of one server: 503, other servers go on, and room again when the server crashes', async () => {
    await start('streams: { per_server: 2 }');
    const calls = [await hang(hangCall()), await hang(hangCall())];
    isRefused(await ask(gateway.port, hangCall()), 503, 'streams.per_server', 2);
    assert.ok(await quick('b'));
    for (const response of hanging.splice(0)) response.destroy();
    for (const call of calls) assert.equal((await call.answer()).status, 200);
    assert.ok(await quick());
  });

  it('of listen streams, and of what one listens to: the request fails by itself', async () => {
    await start('streams: { listen: 1, resources: 2 }');
    const listen = (notifications: object): RequestParts =>
      modernRequest('subscriptions/listen', { notifications });
    const many = responseOf(
      await ask(gateway.port, listen({ resourceSubscriptions: ['x://1', 'x://2', 'x://3'] })),
    );
    assert.deepEqual(many.error?.data, { limit: 'streams.resources', max: 2 });
    const standing = await send(listen({ toolsListChanged: true }));
    await standing.seen('acknowledged');
    const second = responseOf(await ask(gateway.port, listen({ toolsListChanged: true })));
    assert.deepEqual(second.error?.data, { limit: 'streams.listen', max: 1 });
    standing.destroy();
    const opens = async (): Promise<boolean> => {
      const connection = await send(listen({ toolsListChanged: true }));
      return (await connection.seen('}')).includes('acknowledged');
    };
    await eventually(3000, 'room for a listen stream', opens);
  });

  it('of sessions: 503 with Retry-After', async () => {
    await start('sessions: { max: 1 }');
    const session = await openLegacySession(gateway.port);
    const initialize = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 't', version: '1' } },
    };
    const refused = await ask(gateway.port, { body: initialize });
    assert.deepEqual(
      [refused.status, refused.headers['retry-after'], responseOf(refused).error?.data],
      [503, '30', { limit: 'sessions.max', max: 1 }],
    );
    await session.end();
    assert.equal((await ask(gateway.port, { body: initialize })).status, 200);
  });

  it('of unfinished bodies: 503, and room again when one leaves or is whole', async () => {
    await start('buffers: { bodies: 64KiB }');
    const head = (length: number): string =>
      `POST /mcp HTTP/1.1\r\nhost: localhost\r\naccept: application/json, text/event-stream\r\n` +
      `content-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;
    const part = async (bytes: number): Promise<RawConnection> => {
      const connection = await openRaw(gateway.port);
      connections.push(connection);
      connection.write(head(50_000) + ' '.repeat(bytes));
      return connection;
    };
    const slow = await part(40_000);
    const over = await part(40_000);
    isRefused(await over.answer(), 503, 'buffers.bodies', 65_536);
    // Small ones fit beside it.
    assert.ok(await quick());
    slow.destroy();
    await eventually(3000, 'room for a body', async () => {
      const again = await part(40_000);
      again.write(`${' '.repeat(9_998)}{}`);
      return (await again.answer()).status !== 503;
    });
  });

  it("of a backend's message: an error that says so", async () => {
    await start('buffers: { backend_message: 8 }');
    const { result } = await modernCall(gateway.port, 'a_quick');
    assert.equal(result?.isError, true);
    assert.match(JSON.stringify(result.content), /larger than 8 bytes/);
  });
});
