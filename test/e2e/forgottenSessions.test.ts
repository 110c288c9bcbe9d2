/** Servers made with the official SDK that lose their sessions, behind a gateway: one instance, and two. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { legacyHandler } from '../faults/underLoad/mcpHandlers.js';
import { modernCall } from '../support/modern.js';
import { startGateway, type RunningGateway } from '../support/startGateway.js';

interface SdkServer {
  readonly port: number;
  /** Keys of the payments and reads that were done, in order. */
  readonly done: readonly string[];
  /** Sessions that were opened. */
  readonly opened: number;
  /** Forgets all sessions, and goes on. */
  forget(): void;
  close(): Promise<void>;
}

const start = async (port = 0): Promise<SdkServer> => {
  const done: string[] = [];
  let opened = 0;
  const fresh = () => legacyHandler((what, key) => void done.push(`${what} ${key}`));
  let handle = fresh();
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      const body = await text(request);
      if (body.includes('"initialize"')) opened++;
      await handle(request, response, body);
    };
    serve().catch((error: unknown) => response.destroy(error as Error));
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    done,
    get opened() {
      return opened;
    },
    forget: () => void (handle = fresh()),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

describe('official servers that lose their sessions', function () {
  this.timeout(15_000);
  let servers: SdkServer[] = [];
  let gateway: RunningGateway;

  const begin = async (count: number): Promise<void> => {
    servers = await Promise.all(Array.from({ length: count }, () => start()));
    const urls = servers.map(({ port }) => `"http://127.0.0.1:${port}/mcp"`);
    const quiet = 'circuit_breaker: { enabled: false }, health_check: { enabled: false }';
    gateway = await startGateway(`  work: { urls: [${urls.join(', ')}], strategy: failover, ${quiet} }`);
  };
  afterEach(async () => {
    await gateway.close();
    for (const server of servers) await server.close();
  });
  const call = async (tool: string, key: string): Promise<unknown> => {
    const { result, error } = await modernCall(gateway.port, `work_${tool}`, { key });
    assert.equal(error, undefined, error?.message);
    const [content] = result?.['content'] as readonly { readonly text: string }[];
    return content?.text;
  };
  const doneIn = (index: number): readonly string[] => servers[index]?.done ?? [];

  it('a payment is sent again in a new session: it had not begun', async () => {
    await begin(1);
    assert.equal(await call('pay', 'a'), 'done a');
    servers[0]?.forget();
    assert.equal(await call('pay', 'b'), 'done b');
    assert.deepEqual(doneIn(0), ['pay a', 'pay b']);
    assert.equal(servers[0]?.opened, 2);
  });

  it('of many calls at once each is done once, in one new session', async () => {
    await begin(1);
    await call('pay', 'first');
    servers[0]?.forget();
    const keys = Array.from({ length: 20 }, (_item, index) => String(index));
    await Promise.all(keys.map((key) => call('pay', key)));
    assert.deepEqual([...doneIn(0)].sort(), ['pay first', ...keys.map((key) => `pay ${key}`)].sort());
    assert.equal(servers[0]?.opened, 2);
  });

  it('a payment goes to a server that was started anew', async () => {
    await begin(1);
    await call('pay', 'a');
    const [before] = servers;
    await before?.close();
    servers = [await start(before?.port)];
    assert.equal(await call('pay', 'b'), 'done b');
    assert.deepEqual(doneIn(0), ['pay b']);
  });

  it('a payment goes to another instance, in a session of that one, when the first is gone with its sessions', async () => {
    await begin(2);
    await call('pay', 'a');
    const [first, second] = servers as [SdkServer, SdkServer];
    await first.close();
    assert.equal(await call('pay', 'b'), 'done b');
    assert.deepEqual([first.done, second.done], [['pay a'], ['pay b']]);
    assert.equal(second.opened, 1);
    servers = [await start(first.port), second];
    assert.equal(await call('pay', 'c'), 'done c');
    assert.deepEqual([doneIn(0), doneIn(1)], [['pay c'], ['pay b']]);
  });

  it('a payment goes to another instance when the first opens no session any more', async () => {
    await begin(2);
    await call('pay', 'a');
    const [first] = servers as [SdkServer, SdkServer];
    const refusing = createServer((request, response) => {
      request.resume();
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    });
    await first.close();
    refusing.listen(first.port, '127.0.0.1');
    await once(refusing, 'listening');
    assert.equal(await call('pay', 'b'), 'done b');
    assert.deepEqual(doneIn(1), ['pay b']);
    refusing.closeAllConnections();
    servers = servers.slice(1);
    await new Promise((resolve) => refusing.close(resolve));
  });
});
