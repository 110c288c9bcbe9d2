/** Streams that nothing comes on are kept open, whatever the client speaks; and those to backends as far as a client can. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { WebSocket } from 'ws';
import { eventually } from '../support/eventually.js';
import { modernRequest, modernVersion } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes, type RequestParts } from '../support/requestBytes.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { startFollowing, type FollowingGateway } from '../gateway/startFollowing.js';

describe('heartbeats', function () {
  this.timeout(15_000);
  let backends: readonly McpBackend[];
  let gateway: FollowingGateway;
  let connections: RawConnection[] = [];

  before(async () => {
    const tools = { hang: () => undefined };
    backends = await Promise.all([startMcpBackend({ tools }), startMcpBackend({ tools, era: 'legacy' })]);
    const [modern, legacy] = backends;
    gateway = await startFollowing(
      `http: { heartbeat: 200ms }\nservers:\n  modern: { url: "${modern?.url}" }\n  legacy: { url: "${legacy?.url}" }`,
    );
  });
  afterEach(() => {
    for (const connection of connections) connection.destroy();
    connections = [];
  });
  after(async () => {
    await gateway.gateway.close();
    for (const backend of backends) await backend.close();
  });

  const send = async (request: RequestParts): Promise<RawConnection> => {
    const connection = await openRaw(gateway.port);
    connections.push(connection);
    connection.write(requestBytes(gateway.port, request));
    return connection;
  };
  /** Two of them: it is no single one at the beginning. */
  const beats = async (connection: RawConnection): Promise<void> => {
    await connection.seen(':');
    const seen = await connection.seen('\n:');
    const comments = (text: string): number => text.match(/^:/gm)?.length ?? 0;
    await eventually(
      5000,
      'two comments',
      async () => comments(await connection.seen('\n:')) >= comments(seen) + 2,
    );
  };
  const hang = { name: 'modern_hang', arguments: {} };

  it('a call of a 2025-era client', async () => {
    const session = await openLegacySession(gateway.port);
    await beats(await send(session.request('tools/call', hang)));
  });

  it('the standalone stream of a session', async () => {
    const session = await openLegacySession(gateway.port);
    await beats(await send({ method: 'GET', headers: { ...session.headers, accept: 'text/event-stream' } }));
  });

  it('a call of a 2026-era client', async () => beats(await send(modernRequest('tools/call', hang))));

  it('subscriptions/listen', async () => {
    const wanted = { notifications: { toolsListChanged: true } };
    await beats(await send(modernRequest('subscriptions/listen', wanted)));
  });

  it('HTTP+SSE', async () =>
    beats(await send({ method: 'GET', path: '/sse', headers: { accept: 'text/event-stream' } })));

  it('WebSocket: pings', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/mcp`, {
      headers: { 'mcp-protocol-version': modernVersion },
    });
    for (let count = 0; count < 2; count++) await once(socket, 'ping');
    const closed = once(socket, 'close');
    socket.terminate();
    await closed;
  });

  for (const [index, era] of ['modern', 'legacy'].entries())
    it(`the connection of a call to a ${era} server: the kernel asks whether it is alive`, async function () {
      // Only Linux tells of the timers of a connection (/proc/net/tcp); the code under test is the same everywhere.
      if (process.platform !== 'linux') return this.skip();
      const backend = backends[index] as McpBackend;
      await send(modernRequest('tools/call', { ...hang, name: `${era}_hang` }));
      await backend.nextCall('hang');
      const timers = await keepAliveTimers(backend.port);
      // Those that carry a call and those that wait for one alike.
      assert.ok(timers.length > 0);
      for (const seconds of timers) assert.ok(seconds > 0 && seconds <= 15, `${seconds} s`);
    });
});

/** When the next keep-alive probe of each established connection to a port is due, in seconds (proc(5), /proc/net/tcp). */
const keepAliveTimers = async (port: number): Promise<readonly number[]> => {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const [established, keepAlive] = ['01', '02'];
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  return rows
    .filter(
      ([, , to, state, , timer]) => to === remote && state === established && timer?.startsWith(keepAlive),
    )
    .map(([, , , , , timer = '']) => Number.parseInt(timer.slice(3), 16) / 100);
};
