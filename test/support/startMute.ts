import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A server that takes connections and never says a word. */
export interface Mute {
  /** `https://…`: whoever begins with TLS there waits for ever. */
  readonly url: string;
  close(): void;
}

export const startMute = async (): Promise<Mute> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    // Reading, or it would never see that the other side has gone.
    socket.resume().on('error', () => undefined); // cut off by whoever waited too long
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};
