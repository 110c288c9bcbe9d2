import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that keeps every byte it is sent. */
export interface Tap {
  readonly port: number;
  /** All that clients have sent so far, of all connections. */
  readonly sent: string;
  close(): Promise<void>;
}

/** Starts it on a free port, in front of a port of 127.0.0.1. */
export const tap = async (port: number): Promise<Tap> => {
  const sockets = new Set<Socket>();
  let sent = '';
  const server = createServer((client) => {
    const target = connect({ port, host: '127.0.0.1' });
    client.on('data', (bytes) => (sent += bytes.toString('latin1')));
    for (const [socket, other] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.add(socket);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.on('error', () => other.destroy());
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get sent() {
      return sent;
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
