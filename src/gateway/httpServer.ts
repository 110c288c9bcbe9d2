import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListenError } from './listenError.js';

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** How long a client may take to send a request, headers and body, in milliseconds (408 after that). */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
}

/** Largest header section of a request, in bytes; 431 beyond it. */
export const maxHeaderBytes = 32 * 1024;
/** How often unfinished requests are looked for; their time limit is kept to within this. */
const checkingIntervalMs = 1000;
/** Idle connections are kept longer than load balancers keep theirs (60 s), so that it is never us who closes one in use. */
const keepAliveMs = 65_000;

/** A node:http server with the gateway's bounds. Not listening yet. */
export const httpServer = (options: HttpServerOptions, listener?: RequestListener): Server => {
  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    requestTimeout: options.requestTimeoutMs,
    headersTimeout: options.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(checkingIntervalMs, options.requestTimeoutMs),
    keepAliveTimeout: keepAliveMs,
    noDelay: true,
  });
  server.maxConnections = options.maxConnections;
  if (listener !== undefined) server.on('request', listener);
  return server;
};

/** Starts listening; resolves with the base URL. Rejects with a {@link ListenError} that names address and remedy. */
export const listen = (
  server: Server,
  { host, port }: Pick<HttpServerOptions, 'host' | 'port'>,
): Promise<string> =>
  new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException): void => reject(new ListenError(host, port, cause));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      const { port: bound } = server.address() as AddressInfo;
      resolve(baseUrl(host, bound));
    });
  });

/** The URL of a listener. */
export const baseUrl = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Stops listening and resolves when the last connection has closed; `closeAllConnections` hurries it. */
export const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeIdleConnections();
  });
