import assert from 'node:assert/strict';
import { eventually } from '../support/eventually.js';
import { inGroups } from '../support/inGroups.js';
import { openLegacySession, type LegacySession } from '../support/openLegacySession.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { startGatewayProcess, type GatewayProcess } from '../support/startGatewayProcess.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';

const streams = 1000;
const MiB = 1024 * 1024;

describe(`${streams} open streams`, function () {
  this.timeout(60_000);
  let backend: McpBackend;
  let gateway: GatewayProcess;

  before(async () => {
    backend = await startMcpBackend();
    gateway = await startGatewayProcess(`  back: { url: "${backend.url}" }`);
  });
  after(async () => {
    await gateway.close();
    await backend.close();
  });

  const openStream = async (session: LegacySession): Promise<RawConnection> => {
    const connection = await openRaw(gateway.port);
    const headers = { ...session.headers, accept: 'text/event-stream' };
    connection.write(requestBytes(gateway.port, { method: 'GET', headers }));
    assert.match(await connection.seen('\r\n\r\n'), /^HTTP\/1\.1 200 /);
    return connection;
  };

  /** One round: everybody comes, is served beside the streams, and leaves by hanging up. */
  const comeAndGo = async (count: number): Promise<void> => {
    const quiet = await gateway.measure();
    const sessions = await inGroups(Array.from({ length: count }), () => openLegacySession(gateway.port));
    const open = await inGroups(sessions, openStream);
    const held = await gateway.measure();
    assert.ok(held.sockets >= count, `only ${held.sockets} connections are open`);
    const { result } = await sessions[0]!.call('back_echo', { still: 'served' });
    assert.equal(result?.content?.[0]?.text, '{"still":"served"}');
    for (const connection of open) connection.destroy();
    await eventually(10_000, 'the end of all streams', async () => {
      const { sockets } = await gateway.measure();
      return sockets <= quiet.sockets + 2;
    });
    await inGroups(sessions, (session) => session.end());
  };

  it('leave nothing behind when their clients hang up', async () => {
    await comeAndGo(50);
    const before = await gateway.measure();
    await comeAndGo(streams);
    const after = await gateway.measure();
    assert.ok(
      after.subscribers <= before.subscribers + 5,
      `${before.subscribers} subscribers before, ${after.subscribers} after`,
    );
    const grown = after.heapUsed - before.heapUsed;
    assert.ok(grown < 8 * MiB, `the heap grew by ${grown / MiB} MiB`);
  });
});
