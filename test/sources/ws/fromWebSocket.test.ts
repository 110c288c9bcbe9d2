import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket, type ClientOptions } from 'ws';
import { counts } from '../../support/counts.js';
import { eventually } from '../../support/eventually.js';
import { modernRequest } from '../../support/modern.js';
import { openRaw } from '../../support/openRaw.js';
import { startGateway, type RunningGateway } from '../../support/startGateway.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';
import { within } from '../../support/within.js';
import { openSocket } from './openSocket.js';

const initialize = (id: number) => ({
  jsonrpc: '2.0',
  id,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  },
});
const call = (name: string, id?: string | number) =>
  modernRequest('tools/call', { name, arguments: { n: 1 } }, id === undefined ? {} : { id }).body;

describe('fromWebSocket', () => {
  let backend: McpBackend;
  let gateway: RunningGateway;
  let url: string;

  before(async () => {
    backend = await startMcpBackend();
    gateway = await startGateway(`  back: { url: "${backend.url}" }`, {
      http: { maxBodyBytes: 10_000, heartbeatMs: 200, slowClientTimeoutMs: 500 },
      maxCallsPerConnection: 3,
    });
    url = `ws://127.0.0.1:${gateway.port}/mcp`;
  });
  after(async () => {
    await gateway.close();
    await backend.close();
  });
  afterEach(async () => {
    await eventually(8000, 'nothing left', async () => {
      const { calls, streams, sessions } = await counts(gateway.adminUrl);
      return calls + streams + sessions === 0;
    });
  });

  describe('the upgrade', () => {
    const refused = async (target: string, options: ClientOptions): Promise<number | undefined> => {
      const socket = new WebSocket(target, 'mcp', options);
      const answer = once(socket, 'unexpected-response') as Promise<[unknown, IncomingMessage]>;
      const [, response] = await within(8000, 'the refusal', answer);
      const body = Buffer.concat(await response.toArray()).toString();
      assert.equal(typeof (JSON.parse(body) as { error: { message: string } }).error.message, 'string');
      return response.statusCode;
    };

    it('agrees on the sub-protocol mcp, among others, and does without', async () => {
      for (const [protocols, agreed] of [
        [['mcp'], 'mcp'],
        [['other', 'mcp'], 'mcp'],
        [[], ''],
      ] as const) {
        const { socket, closed } = await openSocket(url, { protocols: [...protocols] });
        assert.equal(socket.protocol, agreed);
        socket.close();
        await closed;
      }
    });

    it('is refused to foreign pages and hosts, and on paths that lead nowhere', async () => {
      assert.equal(await refused(url, { origin: 'https://evil.example' }), 403);
      assert.equal(await refused(url, { headers: { host: 'evil.example' } }), 403);
      assert.equal(await refused(`ws://127.0.0.1:${gateway.port}/elsewhere`, {}), 404);
    });

    it('to anything else is no upgrade but a request as any other', async () => {
      const connection = await openRaw(gateway.port);
      const { headers, body } = modernRequest('tools/call', { name: 'back_echo', arguments: { n: 1 } });
      const text = JSON.stringify(body);
      const lines = Object.entries({
        ...headers,
        host: `127.0.0.1:${gateway.port}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'content-length': String(text.length),
        connection: 'Upgrade, HTTP2-Settings',
        upgrade: 'h2c',
        'http2-settings': 'AAMAAABkAAQCAAAAAAIAAAAA',
      }).map(([name, value]) => `${name}: ${value}\r\n`);
      const head = `POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n`;
      for (const parts of [[head + text], [head, text], [head + text.slice(0, 9), text.slice(9)]]) {
        for (const part of parts) {
          connection.write(part);
          // So that the parts come as parts: nobody announces what the gateway has read. Nothing depends on it but what is tried.
          await delay(20);
        }
        const answer = await within(8000, 'the answer', connection.answer());
        assert.equal(answer.status, 200, answer.body);
        assert.match(answer.body, /"content"/);
      }
      connection.destroy();
    });
  });

  describe('a message', () => {
    it('of the 2026 era is served without headers and without initialize', async () => {
      const { socket, send, answer, closed } = await openSocket(url);
      const echo = call('back_echo');
      send(echo);
      const { result } = await answer(echo.id);
      assert.equal(result?.['resultType'], 'complete');
      assert.deepEqual(result.content, [{ type: 'text', text: '{"n":1}' }]);
      socket.close();
      await closed;
    });

    it('of the 2025 era needs initialize first, which comes once', async () => {
      const { socket, send, answer, closed } = await openSocket(url);
      send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
      assert.deepEqual((await answer(1)).error, {
        code: -32000,
        message: 'This connection has no session: initialize first',
      });
      send(initialize(2));
      const opened = await answer(2);
      assert.equal(opened.result!['protocolVersion'], '2025-11-25');
      send(initialize(3));
      assert.equal((await answer(3)).error!.code, -32600);
      send({ jsonrpc: '2.0', id: '4', method: 'tools/list' });
      assert.ok(((await answer('4')).result!['tools'] as unknown[]).length > 0);
      // Both eras on one socket: the one that describes itself is answered in its own.
      const echo = call('back_echo');
      send(echo);
      assert.equal((await answer(echo.id)).result!['resultType'], 'complete');
      socket.close();
      await closed;
    });

    it('that is none is told so, and the socket stays open', async () => {
      const { socket, messages, send, answer, closed } = await openSocket(url);
      send('{"jsonrpc":');
      send(`{"a":${'['.repeat(200)}${']'.repeat(200)}}`);
      send('[]');
      send({ jsonrpc: '2.0', id: 5, method: '$/end' });
      send({ hello: 'world' });
      const echo = call('back_echo');
      send(echo);
      await answer(echo.id);
      const codes = messages.slice(0, 5).map(({ error }) => error?.code);
      assert.deepEqual(codes, [-32700, -32700, -32600, -32601, -32600]);
      socket.close();
      await closed;
    });

    it('closes the socket when it is binary (1003), too large (1009) or no UTF-8 (1007)', async () => {
      const binary = await openSocket(url);
      binary.socket.send(Buffer.from('{}'));
      assert.equal(await within(8000, 'the close', binary.closed), 1003);
      const large = await openSocket(url);
      large.send('x'.repeat(10_001));
      assert.equal(await within(8000, 'the close', large.closed), 1009);
      const garbled = await openSocket(url);
      garbled.socket.send(Buffer.from([0xff, 0xfe]), { binary: false });
      assert.equal(await within(8000, 'the close', garbled.closed), 1007);
    });
  });

  describe('calls', () => {
    it('beyond the bound, or with an id in flight, are refused; the others go on', async () => {
      const { socket, send, answer, messages, closed } = await openSocket(url);
      for (const id of ['a', 'b', 'c']) send(call('back_hang', id));
      const seen = [];
      for (let n = 0; n < 3; n++) seen.push(await backend.nextCall('hang'));
      send(call('back_echo', 'd'));
      assert.match(
        (await answer('d')).error!.message,
        /Too many requests are in flight on this connection .*: 3/,
      );
      seen[0]!.reply({ content: [] });
      await eventually(8000, 'the first answer', () => messages.length === 2);
      send(call('back_hang', 'b'));
      await eventually(8000, 'the refusal', () => messages.length === 3);
      assert.match(messages[2]!.error!.message, /id is in flight/);
      socket.close();
      await closed;
      for (const { abandoned } of seen.slice(1)) await within(8000, 'the end', abandoned);
    });

    it('are cancelled by notification in the 2026 era, and by nobody else', async () => {
      const [one, other] = [await openSocket(url), await openSocket(url)];
      one.send(call('back_hang', 7));
      const reached = await backend.nextCall('hang');
      const cancel = (requestId: string | number) => ({
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId },
      });
      other.send(cancel(7));
      one.send(cancel('7'));
      one.send(call('back_echo', 8));
      await one.answer(8);
      assert.equal(reached.response.destroyed, false);
      one.send(cancel(7));
      await within(8000, 'the cancellation', reached.abandoned);
      one.send(call('back_echo', 9));
      await one.answer(9);
      // Two answers, and nothing for the call that was cancelled, nor for notifications.
      assert.deepEqual(
        one.messages.map(({ id }) => id),
        [8, 9],
      );
      for (const { socket } of [one, other]) socket.close();
      await Promise.all([one.closed, other.closed]);
    });
  });

  it('a listen stream of the 2026 era ends with notifications/cancelled, without another word, and its place is free', async () => {
    const { socket, send, answer, messages, closed } = await openSocket(url);
    const listen = (id: string) => {
      const { body } = modernRequest('subscriptions/listen', { notifications: { toolsListChanged: true } });
      return { ...body, id };
    };
    for (let round = 1; round <= 4; round++) {
      // More rounds than the connection has places; the id may be used again.
      send(listen('l'));
      await eventually(8000, 'the acknowledgement', () => messages.length === round);
      assert.equal(messages[round - 1]?.method, 'notifications/subscriptions/acknowledged');
      send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'l' } });
      await eventually(8000, 'its end', async () => (await counts(gateway.adminUrl)).calls === 0);
    }
    send(call('back_echo', 'e'));
    await answer('e');
    assert.equal(messages.length, 5);
    socket.close();
    await closed;
  });

  describe('a peer', () => {
    it('that does not answer pings is dropped', async () => {
      const { closed } = await openSocket(url, { autoPong: false });
      assert.equal(await within(4000, 'the drop', closed), 1006);
    });

    it('that answers them stays', async () => {
      const { socket, send, answer, closed } = await openSocket(url);
      for (let n = 0; n < 4; n++) await within(8000, 'a ping', once(socket, 'ping'));
      send(call('back_echo', 1));
      await answer(1);
      socket.close();
      await closed;
    });

    it('that does not read holds the backend back, and is cut off', async () => {
      const { socket, send, closed } = await openSocket(url);
      const flood = modernRequest(
        'tools/call',
        { name: 'back_flood', arguments: { bytes: 2 ** 40 } },
        { meta: { progressToken: 1 } },
      ).body;
      const before = backend.bytesWritten;
      send(flood);
      await within(3000, 'the first part', once(socket, 'message'));
      socket.pause();
      const reached = await backend.nextCall('flood');
      await within(8000, 'the end of the call', reached.abandoned);
      assert.ok(backend.bytesWritten - before < 60 * 1024 * 1024, 'the backend was not held back');
      reached.response.destroy();
      socket.resume();
      socket.terminate();
      await closed;
    });
  });

  it('closes all sockets with 1001 when the gateway stops', async () => {
    const stopping = await startGateway(`  back: { url: "${backend.url}" }`);
    const address = `ws://127.0.0.1:${stopping.port}/mcp`;
    const { send, answer, closed } = await openSocket(address);
    const idle = await openSocket(address);
    send(initialize(1));
    await answer(1);
    send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    await eventually(8000, 'its stream', async () => (await counts(stopping.adminUrl)).streams === 1);
    const stoppedAt = performance.now();
    await stopping.close();
    for (const code of [closed, idle.closed]) assert.equal(await within(8000, 'the close', code), 1001);
    assert.ok(performance.now() - stoppedAt < 1500, 'stopping waited for sockets');
  });

  it('is off when the configuration says so: the upgrade is not seen', async () => {
    const without = await startGateway(`  back: { url: "${backend.url}" }`, { webSocket: false });
    const socket = new WebSocket(`ws://127.0.0.1:${without.port}/mcp`, 'mcp');
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    // A plain GET without a session, or without an Accept for events.
    assert.ok([400, 405, 406].includes(response.statusCode ?? 0), String(response.statusCode));
    response.destroy();
    await without.close();
  });
});
