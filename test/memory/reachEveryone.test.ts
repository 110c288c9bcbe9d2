import assert from 'node:assert/strict';
import {
  startEverythingServer,
  type EverythingServer,
} from '../fixtures/everythingServer/startEverythingServer.js';
import { watchedResource } from '../fixtures/everythingServer/world.js';
import { initializeOf, requestOf } from '../property/testClient.js';
import { openSocket } from '../sources/ws/openSocket.js';
import { ask } from '../support/ask.js';
import { eventually } from '../support/eventually.js';
import { inGroups } from '../support/inGroups.js';
import { modernCall, modernRequest } from '../support/modern.js';
import { openLegacySession } from '../support/openLegacySession.js';
import { openRaw, type RawConnection } from '../support/openRaw.js';
import { requestBytes } from '../support/requestBytes.js';
import { startGatewayProcess, type GatewayProcess } from '../support/startGatewayProcess.js';

const MiB = 1024 * 1024;

/** How many listen in each way; 1,000 streams and 200 WebSockets in all. */
const full = { standalone: 500, listen: 500, sockets: 200 } as const;
/** A first round: what comes with the first use of anything is not counted. */
const warmUp = { standalone: 20, listen: 20, sockets: 20 } as const;
type Audience = Readonly<Record<keyof typeof full, number>>;

/** What may stay when all have left, whatever came and went. */
const heapBound = 8 * MiB;
const patienceMs = 30_000;

/** Somebody who listens for changes of the list of tools and of one resource. */
interface Listener {
  /** Resolves when a notification of that method has come, as often as said. */
  hears(method: string, times: number): Promise<void>;
  leave(): Promise<void>;
}

const occurrences = (text: string, part: string): number => text.split(part).length - 1;
const filter = { toolsListChanged: true, resourceSubscriptions: [watchedResource] };
const acknowledged = 'notifications/subscriptions/acknowledged';
const listChanged = 'notifications/tools/list_changed';
const resourceUpdated = 'notifications/resources/updated';

const onConnection = (connection: RawConnection, leave: () => Promise<void>): Listener => ({
  async hears(method, times) {
    let all = await connection.seen(method, patienceMs);
    await eventually(patienceMs, `${times} × ${method}`, async () => {
      all = await connection.seen(method);
      return occurrences(all, method) >= times;
    });
  },
  leave,
});

/** A session of the 2025 era with its standalone stream. */
const standalone = async (port: number): Promise<Listener> => {
  const session = await openLegacySession(port);
  const connection = await openRaw(port);
  const headers = { ...session.headers, accept: 'text/event-stream' };
  connection.write(requestBytes(port, { method: 'GET', headers }));
  assert.match(await connection.seen('\r\n\r\n', patienceMs), /^HTTP\/1\.1 200 /);
  const subscribed = await ask(
    port,
    session.request('resources/subscribe', { uri: watchedResource }),
    patienceMs,
  );
  assert.match(subscribed.body, /"result":\{\}/);
  return onConnection(connection, async () => {
    connection.destroy();
    await session.end();
  });
};

/** `subscriptions/listen` of the 2026 era. */
const listen = async (port: number): Promise<Listener> => {
  const connection = await openRaw(port);
  connection.write(requestBytes(port, modernRequest('subscriptions/listen', { notifications: filter })));
  await connection.seen(acknowledged, patienceMs);
  return onConnection(connection, async () => {
    connection.destroy();
    await Promise.resolve();
  });
};

/** A WebSocket of either era: with a session that has subscribed, or with a listen stream. */
const socket = async (url: string, modern: boolean): Promise<Listener> => {
  const opened = await openSocket(url);
  const { messages, send } = opened;
  const hears: Listener['hears'] = (method, times) =>
    eventually(
      patienceMs,
      `${times} × ${method}`,
      () => messages.filter((message) => message.method === method).length >= times,
    );
  if (modern) {
    send(requestOf('l', 'subscriptions/listen', { notifications: filter }, true));
    await hears(acknowledged, 1);
  } else {
    send(initializeOf('2025-11-25'));
    await opened.answer('initialize');
    send({ jsonrpc: '2.0', method: 'notifications/initialized' });
    send(requestOf('s', 'resources/subscribe', { uri: watchedResource }, false));
    assert.deepEqual((await opened.answer('s')).result, {});
  }
  return {
    hears,
    async leave() {
      opened.socket.terminate();
      await opened.closed;
    },
  };
};

describe('1,000 open streams and 200 WebSockets', function () {
  this.timeout(120_000);
  let server: EverythingServer;
  let gateway: GatewayProcess;
  let servers: string;

  before(async () => {
    server = await startEverythingServer({ era: 'dual' });
    servers = `  ev: { url: '${server.url}' }`;
    gateway = await startGatewayProcess(servers);
  });
  after(async () => {
    await gateway.close();
    await server.close();
  });

  const arrive = async (audience: Audience): Promise<readonly Listener[]> => {
    const { port, url } = gateway;
    const many = (count: number, open: (n: number) => Promise<Listener>): Promise<Listener[]> =>
      inGroups([...Array(count).keys()], open);
    return [
      ...(await many(audience.standalone, () => standalone(port))),
      ...(await many(audience.listen, () => listen(port))),
      ...(await many(audience.sockets, (n) => socket(url.replace('http', 'ws'), n % 2 === 0))),
    ];
  };

  const another = `
  more:
    type: rest
    url: http://127.0.0.1:9
    tools: { one: { description: One more, method: GET, path: /one, input_schema: { type: object } } }`;

  /** One round: everybody comes, hears of everything that happens, and leaves. */
  const comeAndGo = async (audience: Audience): Promise<void> => {
    const quiet = await gateway.measure();
    const listeners = await arrive(audience);
    const everybody = (method: string, times: number): Promise<unknown> =>
      Promise.all(listeners.map((listener) => listener.hears(method, times)));
    // In our own catalogue: a server comes by the configuration, and goes again.
    gateway.configure(`${servers}${another}`);
    await everybody(listChanged, 1);
    gateway.configure(servers);
    await everybody(listChanged, 2);
    // At a backend, which the gateway has subscribed to once for all.
    await modernCall(gateway.port, 'ev_test_trigger_resource_update', {}, patienceMs);
    await everybody(resourceUpdated, 1);
    await inGroups(listeners, (listener) => listener.leave());
    await eventually(patienceMs, 'the end of all connections', async () => {
      const { sockets } = await gateway.measure();
      return sockets <= quiet.sockets + 2;
    });
  };

  it('hear of what changes, all of them, and give their memory back', async () => {
    await comeAndGo(warmUp);
    const before = await gateway.measure();
    await comeAndGo(full);
    const after = await gateway.measure();
    const { subscribers } = before;
    assert.ok(
      after.subscribers <= subscribers + 5,
      `${subscribers} subscribers before, ${after.subscribers} after`,
    );
    const grown = after.heapUsed - before.heapUsed;
    assert.ok(grown < heapBound, `the heap grew by ${grown / MiB} MiB`);
  });
});
