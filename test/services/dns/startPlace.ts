import { once } from 'node:events';
import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { Socket } from 'node:net';

/** A REST service at one of the addresses of a name. */
export interface StartedPlace {
  /** Requests that came to it. */
  readonly requests: number;
  readonly connections: number;
  /** What requests called it, and what TLS clients asked for. */
  readonly names: ReadonlySet<string>;
  close(): Promise<void>;
}

/**
 * Starts one.
 *
 * @param tls key and certificate in PEM, to serve HTTPS
 */
export const startPlace = async (
  host: string,
  port: number,
  tls?: { readonly key: string; readonly cert: string },
): Promise<StartedPlace> => {
  const sockets = new Set<Socket>();
  const names = new Set<string>();
  let requests = 0;
  const answer: RequestListener = ({ socket, headers }, response) => {
    requests++;
    sockets.add(socket);
    names.add(String(headers.host));
    const { servername } = socket as { servername?: string };
    if (servername !== undefined) names.add(`SNI ${servername}`);
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  };
  const server = tls === undefined ? createHttp(answer) : createHttps(tls, answer);
  server.listen(port, host);
  await once(server, 'listening');
  return {
    get requests() {
      return requests;
    },
    get connections() {
      return sockets.size;
    },
    names,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
