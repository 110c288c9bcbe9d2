import assert from 'node:assert/strict';
import dns from 'node:dns';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { lastValueFrom } from 'rxjs';
import { Pool } from 'undici';
import { connectTo } from '../../../src/sources/backends/connectTo.js';
import { fromDispatch } from '../../../src/sources/fromDispatch.js';
import { alwaysOpen } from '../../../src/streams/valve.js';

describe('sources/backends/connectTo', () => {
  const servers: Server[] = [];
  const asked: string[] = [];
  const listening = async (host: string, port = 0): Promise<number> => {
    const server = createServer(({ headers }, response) => {
      asked.push(`${host} ${headers.host ?? ''}`);
      response.end();
    });
    servers.push(server);
    await once(server.listen(port, host), 'listening');
    return (server.address() as AddressInfo).port;
  };
  const closed = async (server: Server | undefined): Promise<void> => {
    assert.ok(server !== undefined);
    const over = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await over;
  };
  const { lookup } = dns;
  afterEach(async () => {
    dns.lookup = lookup;
    asked.length = 0;
    for (const server of servers.splice(0)) if (server.listening) await closed(server);
  });
  const get = (pool: Pool) =>
    lastValueFrom(fromDispatch(pool, { path: '/', method: 'GET' }, alwaysOpen), { defaultValue: undefined });

  it('goes to the given address and port, and keeps the name', async () => {
    const port = await listening('127.0.0.2');
    const pool = new Pool('http://orders.test:81', {
      connect: connectTo(1000, { at: { host: '127.0.0.2', port } }),
    });
    await get(pool);
    assert.deepEqual(asked, ['127.0.0.2 orders.test:81']);
    await pool.close();
  });

  // What docs/resilience.md says of names without `dns`.
  it('without one the name is looked up for each connection: a changed address is found when the old one is gone', async () => {
    const port = await listening('127.0.0.1');
    await listening('127.0.0.2', port);
    let address = '127.0.0.1';
    dns.lookup = ((_name, _options, done: (error: null, all: dns.LookupAddress[]) => void) =>
      done(null, [{ address, family: 4 }])) as typeof dns.lookup;
    const pool = new Pool(`http://orders.test:${port}`, { connections: 1, connect: connectTo(1000) });
    await get(pool);
    address = '127.0.0.2';
    await get(pool);
    const noticed = once(pool, 'disconnect');
    await closed(servers[0]);
    await noticed;
    await get(pool);
    const name = `orders.test:${port}`;
    assert.deepEqual(asked, [`127.0.0.1 ${name}`, `127.0.0.1 ${name}`, `127.0.0.2 ${name}`]);
    await pool.close();
  });
});
