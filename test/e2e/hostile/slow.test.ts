import assert from 'node:assert/strict';
import { modernRequest } from '../../support/modern.js';
import { openRaw } from '../../support/openRaw.js';
import { requestBytes } from '../../support/requestBytes.js';
import { startGatewayProcess, type GatewayProcess } from '../../support/startGatewayProcess.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { whileServing } from '../../support/whileServing.js';

const mebibyte = 1024 * 1024;

describe('A slow client', () => {
  let backend: McpBackend;
  let gateway: GatewayProcess;
  before(async function () {
    this.timeout(20_000);
    backend = await startMcpBackend();
    gateway = await startGatewayProcess(`  back: { url: "${backend.url}" }`, {
      http: { requestTimeoutMs: 1500, slowClientTimeoutMs: 1000 },
    });
  });
  after(async () => {
    await gateway.close();
    await backend.close();
  });

  const beside = <T>(hostile: () => Promise<T>): Promise<T> =>
    whileServing(gateway.port, 'back_echo', hostile);

  const bytes = (): Buffer =>
    requestBytes(gateway.port, modernRequest('tools/call', { name: 'back_echo', arguments: {} }));

  it('that sends half its headers gets 408 or is cut off', () =>
    beside(async () => {
      const connection = await openRaw(gateway.port);
      connection.write(bytes().subarray(0, 60));
      assert.match(await connection.seen('\r\n\r\n'), /^HTTP\/1\.1 408 /);
      await connection.closed();
    }));

  it('that sends half its body gets 408', () =>
    beside(async () => {
      const connection = await openRaw(gateway.port);
      connection.write(bytes().subarray(0, -10));
      assert.equal((await connection.answer()).status, 408);
      await connection.closed();
    }));

  it('that sends a byte now and then gets 408 all the same', () =>
    beside(async () => {
      const connection = await openRaw(gateway.port);
      const all = bytes();
      let at = 0;
      const drip = setInterval(() => connection.write(all.subarray(at, ++at)), 100);
      try {
        assert.equal((await connection.answer()).status, 408);
        await connection.closed();
      } finally {
        clearInterval(drip);
      }
    }));

  it('that says nothing at all holds nothing up', () =>
    beside(async () => {
      const idle = await Promise.all(Array.from({ length: 50 }, () => openRaw(gateway.port)));
      for (const connection of idle) connection.destroy();
    }));

  it('that reads a large answer byte by byte is cut off, and memory stays bounded', async function () {
    this.timeout(15_000);
    const before = await gateway.measure();
    await beside(async () => {
      const readers = await Promise.all(Array.from({ length: 6 }, () => openRaw(gateway.port)));
      // A closed window takes a few MiB of the kernel's buffers; the answer must be larger than those.
      const large = modernRequest('tools/call', { name: 'back_large', arguments: { bytes: 6 * mebibyte } });
      const ends = readers.map(async ({ socket, write }) => {
        socket.pause();
        write(requestBytes(gateway.port, large));
        // Below the level of streams: one byte a second, read by nobody else.
        const sip = setInterval(() => void socket.read(1), 1000);
        const call = await backend.nextCall('large', 5000);
        assert.ok(call.response.writableEnded);
        return { socket, sip };
      });
      const sipping = await Promise.all(ends);
      const held = await gateway.measure();
      // Six answers of 6 MiB at most twice (as received, as sent), and what parsing leaves.
      assert.ok(held.rss - before.rss < 150 * mebibyte, `grew by ${(held.rss - before.rss) / mebibyte} MiB`);
      const { sockets } = before;
      const deadline = performance.now() + 8000;
      while ((await gateway.measure()).sockets > sockets + 3)
        assert.ok(performance.now() < deadline, 'the slow clients were never cut off');
      for (const { socket, sip } of sipping) {
        clearInterval(sip);
        socket.destroy();
      }
    });
  });
});
