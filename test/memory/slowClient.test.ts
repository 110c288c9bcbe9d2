import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { modernRequest } from '../support/modern.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { startGatewayProcess, type GatewayProcess } from '../support/startGatewayProcess.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { within } from '../support/within.js';

const MiB = 1024 * 1024;
/** What backends have to give. */
const flood = 200 * MiB;
/** The stated bound on what the gateway may grow by. Without back-pressure it grows by the flood and more. */
const ceiling = 150 * MiB;
/** What a held-back backend may have got rid of: buffers of two sockets in the kernel, of two streams in Node. */
const overshoot = 40 * MiB;

/** A REST service with one endless list: rows of 1 KiB, never faster than its reader. */
const startRows = async (): Promise<{ server: Server; port: number; sent: () => number }> => {
  const row = `${JSON.stringify({ row: 'z'.repeat(1000) })}\n`;
  let sent = 0;
  const server = createServer((_request, response) => {
    sent = 0;
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    const more = (): void => {
      while (sent < flood && !response.destroyed) {
        sent += 64 * row.length;
        if (!response.write(row.repeat(64))) return void response.once('drain', more);
      }
      response.end();
    };
    more();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port, sent: () => sent };
};

/** Waits until a number has not changed for a second: nothing announces that nothing happens. */
const standstill = async (read: () => number): Promise<number> => {
  for (let last = -1; ;) {
    const now = read();
    if (now === last) return now;
    last = now;
    await delay(1000);
  }
};

describe('A client that stops reading a large stream', function () {
  this.timeout(60_000);
  let backend: McpBackend;
  let rows: Awaited<ReturnType<typeof startRows>>;
  let gateway: GatewayProcess;

  before(async () => {
    backend = await startMcpBackend();
    rows = await startRows();
    const servers = `
  back: { url: "${backend.url}" }
  rest:
    type: rest
    url: http://127.0.0.1:${rows.port}
    tools:
      rows:
        description: Rows
        method: GET
        path: /rows
        streaming: true
        input_schema: { type: object }`;
    gateway = await startGatewayProcess(servers, { http: { slowClientTimeoutMs: 60_000 } });
  });
  after(async () => {
    await gateway.close();
    await backend.close();
    rows.server.closeAllConnections();
    rows.server.close();
  });

  /** Calls a tool with a wish for progress and stops reading as soon as the first of it has come. */
  const callAndStall = async (
    name: string,
    args: Readonly<Record<string, unknown>>,
  ): Promise<RawConnection> => {
    const connection = await openRaw(gateway.port);
    const request = modernRequest('tools/call', { name, arguments: args }, { meta: { progressToken: 'p' } });
    connection.write(requestBytes(gateway.port, request));
    await connection.seen('notifications/progress', 10_000);
    connection.socket.pause();
    return connection;
  };

  it('holds back a native MCP server, and gets everything when it reads on', async () => {
    // Warmed up, so that what counts is the stream and not the code that was compiled for it.
    const first = await callAndStall('back_flood', { bytes: 2 * MiB });
    first.destroy();
    const before = await gateway.measure();
    const startBytes = backend.bytesWritten;
    const connection = await callAndStall('back_flood', { bytes: flood });
    const pulled = (await standstill(() => backend.bytesWritten)) - startBytes;
    const grown = (await gateway.measure()).rss - before.rss;
    assert.ok(pulled < overshoot, `${pulled / MiB} MiB were pulled from the backend`);
    assert.ok(grown < ceiling, `the gateway grew by ${grown / MiB} MiB`);
    assert.equal(await drain(connection, `sent ${flood}`), true);
  });

  it('holds back a REST service', async () => {
    const before = await gateway.measure();
    const connection = await callAndStall('rest_rows', {});
    const pulled = await standstill(rows.sent);
    const grown = (await gateway.measure()).rss - before.rss;
    assert.ok(pulled < overshoot, `${pulled / MiB} MiB were pulled from the backend`);
    assert.ok(grown < ceiling, `the gateway grew by ${grown / MiB} MiB`);
    // Then it reads on to the end: what is joined for the result is bounded as well.
    await drain(connection, '"id":');
    const end = (await gateway.measure()).rss - before.rss;
    assert.ok(end < ceiling, `the gateway grew by ${end / MiB} MiB until the end`);
  });
});

/** Reads to the end of the answer, keeping nothing but the last bytes; tells whether they contain `text`. */
const drain = async ({ socket, destroy }: RawConnection, text: string): Promise<boolean> => {
  let tail = '';
  socket.removeAllListeners('data');
  const finished = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      tail = (tail + chunk.toString('latin1')).slice(-4096);
      if (tail.endsWith('\r\n0\r\n\r\n')) resolve();
    });
    socket.once('close', () => resolve());
  });
  socket.resume();
  // Well below the 30 s after which a stream that has come to a standstill is ended as silent: that would look like an end.
  await within(25_000, 'the end of the stream', finished);
  destroy();
  return tail.includes(text);
};
