import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

/** A way to a server that a test can cut. */
export interface CuttingProxy {
  readonly port: number;
  /** From now on, whether each piece of an answer gets through by half and then the connection is lost: closed, or reset, in turn. */
  cutAnswers(on: boolean): void;
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
  let cutting = false;
  let cuts = 0;
  const lose = (client: Socket): void => void (cuts++ % 2 === 0 ? client.end() : client.resetAndDestroy());
  const server = createServer((client) => {
    const target = keep(connect({ port, host: '127.0.0.1' }));
    const answers = new Transform({
      transform(piece: Buffer, _encoding, done) {
        if (!cutting) return done(null, piece);
        target.pause();
        client.write(piece.subarray(0, Math.ceil(piece.length / 2)), () => lose(client));
      },
    });
    keep(client).pipe(target).pipe(answers).pipe(client);
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  });
  const cut = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    cutAnswers: (on) => void (cutting = on),
    async close() {
      const closed = once(server, 'close');
      server.close();
      cut();
      await closed;
    },
  };
};
