import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openRaw, type RawConnection } from '../support/openRaw.js';

/** A real HTTP server whose every request is handed to the test as the response it has to fill. */
export interface OutletServer {
  readonly server: Server;
  readonly port: number;
  /** Sends a request on a connection of its own and gives that and the response behind it. */
  request(): Promise<{ readonly client: RawConnection; readonly response: ServerResponse }>;
  close(): Promise<void>;
}

/** Starts it on a free port. */
export const withOutlets = async (): Promise<OutletServer> => {
  const waiting: ((response: ServerResponse) => void)[] = [];
  const server = createServer((request, response) => {
    request.resume();
    waiting.shift()?.(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    port,
    async request() {
      const arrived = new Promise<ServerResponse>((resolve) => waiting.push(resolve));
      const client = await openRaw(port);
      client.write('POST /mcp HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
      return { client, response: await arrived };
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
