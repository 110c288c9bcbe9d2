import assert from 'node:assert/strict';
import type { Health } from '../../src/gateway/health.js';
import { ask } from '../support/ask.js';
import { responseOf } from '../support/messagesOf.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { openRaw } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { startMcpBackend, type McpBackend } from '../support/startMcpBackend.js';
import { startFollowing, type FollowingGateway } from './startFollowing.js';

const namesAt = async (port: number, path = '/mcp'): Promise<readonly string[]> => {
  const answer = await ask(port, { ...modernRequest('tools/list'), path });
  return (responseOf(answer).result?.['tools'] as { name: string }[]).map(({ name }) => name);
};
const textOf = async (call: ReturnType<typeof modernCall>): Promise<string | undefined> => {
  const { result, error } = await call;
  return error?.message ?? result?.content?.[0]?.text;
};

describe('gateway: a running one', () => {
  let one: McpBackend;
  let two: McpBackend;
  let running: FollowingGateway;
  before(async () => {
    one = await startMcpBackend();
    two = await startMcpBackend({ era: 'legacy' });
  });
  after(async () => {
    await one.close();
    await two.close();
  });
  const server = (name: string, { url }: McpBackend, more = '') =>
    `  ${name}: { type: mcp, url: "${url}"${more} }\n`;
  const both = (more = '') => `servers:\n${server('one', one)}${server('two', two)}${more}`;
  const start = async (yaml: string): Promise<number> => {
    running = await startFollowing(yaml);
    return running.port;
  };

  describe('namespaces', () => {
    const yaml = () =>
      both(
        `namespaces:\n  team: { servers: [one] }\n  all: { servers: [one, two], tools: { denied: ["*_echo"] } }\n`,
      );
    before(async () => void (await start(yaml())));
    after(() => running.gateway.close());

    it('each endpoint shows its own', async () => {
      const { port } = running;
      assert.equal((await namesAt(port)).length, 10);
      assert.ok((await namesAt(port, '/mcp/team')).includes('echo'), 'one server needs no prefix');
      assert.ok(!(await namesAt(port, '/mcp/all')).some((name) => name.endsWith('echo')));
    });

    it('what an endpoint does not show can not be called there', async () => {
      const request = {
        ...modernRequest('tools/call', { name: 'one_echo', arguments: {} }),
        path: '/mcp/all',
      };
      assert.equal(responseOf(await ask(running.port, request)).error?.code, -32602);
    });

    it('a session belongs to the endpoint it was opened at', async () => {
      const session = await openLegacySession(running.port);
      const list = session.request('tools/list');
      assert.equal((await ask(running.port, list)).status, 200);
      assert.equal((await ask(running.port, { ...list, path: '/mcp/team' })).status, 404);
    });

    it('an unknown one is 404', async () => {
      assert.equal((await ask(running.port, { ...modernRequest('tools/list'), path: '/mcp/x' })).status, 404);
    });
  });

  describe('sessions', () => {
    before(async () => void (await start(both())));
    after(() => running.gateway.close());

    it('DELETE is 204 and ends streams and calls of the session; after it the session is unknown', async () => {
      const { port } = running;
      const session = await openLegacySession(port);
      const stream = await openRaw(port);
      stream.write(requestBytes(port, { method: 'GET', headers: session.headers }));
      await stream.seen('text/event-stream');
      const hanging = ask(port, session.request('tools/call', { name: 'one_hang' }));
      const call = await one.nextCall('hang');
      const answer = await session.end();
      assert.deepEqual([answer.status, answer.body], [204, '']);
      await call.abandoned;
      await hanging;
      await stream.seen('0\r\n\r\n');
      stream.destroy();
      assert.equal((await ask(port, session.request('ping'))).status, 404);
      assert.equal((await session.end()).status, 404);
      assert.equal(running.gateway.health().sessions, 0);
    });

    it('a second standalone stream is 409', async () => {
      const { port } = running;
      const session = await openLegacySession(port);
      const stream = await openRaw(port);
      stream.write(requestBytes(port, { method: 'GET', headers: session.headers }));
      await stream.seen('text/event-stream');
      assert.equal((await ask(port, { method: 'GET', headers: session.headers })).status, 409);
      assert.equal(running.gateway.health().streams, 1);
      stream.destroy();
      await session.end();
    });
  });

  describe('a changed configuration', () => {
    before(async () => void (await start(both())));
    after(() => running.gateway.close());

    it('fails no call in flight, though servers are connected anew, renamed and taken away', async () => {
      const { port } = running;
      const calls = Array.from({ length: 20 }, (_, i) =>
        textOf(modernCall(port, `${i % 2 ? 'one' : 'two'}_slow`, { ms: 300 })),
      );
      for (let i = 0; i < 20; i++) await (i % 2 ? one : two).nextCall('slow');
      running.configure(`servers:\n${server('one', one, ', prefix: "uno", headers: { x-new: "1" }')}`);
      assert.deepEqual(await Promise.all(calls), Array(20).fill('done'));
      assert.ok((await namesAt(port)).every((name) => name.startsWith('uno_')));
      assert.equal(await textOf(modernCall(port, 'uno_echo', { a: 1 })), '{"a":1}');
      assert.match((await textOf(modernCall(port, 'two_echo'))) ?? '', /Unknown tool/);
    });

    it('serves while it changes again and again', async () => {
      const { port } = running;
      running.configure(both());
      const state = { over: false };
      const calling = (async () => {
        let n = 0;
        for (; !state.over; n++)
          assert.equal(await textOf(modernCall(port, 'one_echo', { n })), JSON.stringify({ n }));
        return n;
      })();
      for (let i = 0; i < 10; i++) {
        running.configure(
          `servers:\n${server('one', one, `, headers: { x-new: "${i}" }`)}${i % 2 ? server('two', two) : ''}`,
        );
        await namesAt(port);
      }
      state.over = true;
      assert.ok((await calling) > 0);
    });
  });

  describe('shutdown', () => {
    const readyz = async (port: number) => {
      const { status, body } = await ask(port, { method: 'GET', path: '/readyz' });
      return { status, health: JSON.parse(body) as Health };
    };

    it('lets calls in flight finish, takes no new connection, says so in health', async () => {
      const port = await start(both());
      assert.equal((await readyz(running.adminPort)).status, 200);
      const slow = textOf(modernCall(port, 'one_slow', { ms: 400 }));
      await one.nextCall('slow');
      const closing = running.gateway.close();
      const { status, health } = await readyz(running.adminPort);
      assert.deepEqual([status, health.status, health.calls], [503, 'draining', 1]);
      await assert.rejects(() => openRaw(port), { code: 'ECONNREFUSED' });
      assert.equal(await slow, 'done');
      await closing;
    });

    it('goes on as before for drain_delay, but says that it is not ready', async () => {
      const port = await start(`drain_delay: 3s\n${both()}`);
      const closing = running.gateway.close();
      const ready = await fetch(`http://127.0.0.1:${running.adminPort}/readyz`);
      assert.equal(ready.status, 503);
      assert.equal((await modernCall(port, 'two_echo')).result?.isError, undefined);
      assert.equal((await ask(port, modernRequest('tools/list'))).status, 200);
      await closing;
      await assert.rejects(() => openRaw(port), { code: 'ECONNREFUSED' });
    });

    it('ends standing streams at once: draining does not wait for them', async () => {
      const port = await start(both());
      const session = await openLegacySession(port);
      const stream = await openRaw(port);
      stream.write(requestBytes(port, { method: 'GET', headers: session.headers }));
      await stream.seen('text/event-stream');
      const started = performance.now();
      await running.gateway.close();
      assert.ok(performance.now() - started < 3000);
      await stream.closed();
    });

    it('cuts off what is not done within drain_timeout, at the backend too', async () => {
      const port = await start(`drain_timeout: 200ms\n${both()}`);
      const hanging = ask(port, modernRequest('tools/call', { name: 'one_hang', arguments: {} }));
      const call = await one.nextCall('hang');
      const started = performance.now();
      await running.gateway.close();
      const took = performance.now() - started;
      assert.ok(took >= 190 && took < 3000, `${took} ms`);
      await call.abandoned;
      // The response ends; what it says is not promised.
      await hanging.catch(() => undefined);
    });

    it('is over when it says so: nothing listens, nothing is left open', async () => {
      const port = await start(both());
      await modernCall(port, 'two_echo');
      const { adminPort, gateway } = running;
      await gateway.close();
      for (const closed of [port, adminPort])
        await assert.rejects(() => openRaw(closed), { code: 'ECONNREFUSED' });
      assert.deepEqual([gateway.health().calls, gateway.health().streams], [0, 0]);
    });
  });
});
