import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import type { Settings } from '../config/settings.js';
import { baseUrl, httpServer } from './httpServer.js';
import { tlsOptions } from './tlsOptions.js';

/** Where other instances reach this one, if it shares the listener that clients use with others. */
export interface RelayDoor {
  readonly server: Server;
  /** Opens it and gives the address listened on: `unix:/path` or `http://host:port`. */
  open(): Promise<string>;
  close(): void;
}

/** @param socket path of a socket for the instances of this machine; undefined for a port of its own that other machines reach */
export const relayDoor = (settings: Settings, socket: string | undefined): RelayDoor => {
  const { listen, http } = settings;
  // Its clients are the other instances, each of which bounds its own.
  const secure = socket === undefined ? tlsOptions(settings) : undefined;
  const server = httpServer({
    ...listen,
    requestTimeoutMs: http.requestTimeoutMs,
    maxConnections: Infinity,
    secure,
  });
  return {
    server,
    async open() {
      // `exclusive`: for this process alone.
      if (socket === undefined) server.listen({ host: listen.host, port: 0, exclusive: true });
      else server.listen({ path: socket, exclusive: true });
      await once(server, 'listening');
      if (socket !== undefined) return `unix:${socket}`;
      const { port } = server.address() as AddressInfo;
      return baseUrl(listen.host, port, secure !== undefined);
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
};
