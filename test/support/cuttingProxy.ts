import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A connection between a client and the gateway that a test can cut. */
export interface CuttingProxy {
  readonly port: number;
  /** Resets every connection that is open. */
  cut(): void;
  close(): Promise<void>;
}

/** Starts it on a free port, in front of a port of 127.0.0.1. */
export const cuttingProxy = async (port: number): Promise<CuttingProxy> => {
  const sockets = new Set<Socket>();
  const keep = (socket: Socket): Socket => {
    sockets.add(socket);
    // Resets are what it is for.
    socket.on('error', () => undefined);
    return socket.on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    const gateway = keep(connect({ port, host: '127.0.0.1' }));
    keep(client).pipe(gateway).pipe(client);
    client.on('close', () => gateway.destroy());
    gateway.on('close', () => client.destroy());
  });
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
};
