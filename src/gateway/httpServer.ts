import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer, Server as SecureServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ListenError } from './listenError.js';

export interface HttpServerOptions {
  readonly host: string;
  readonly port: number;
  /** How long a client may take to send a request, headers and body, in milliseconds (408 after that). */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /** Undefined for plain HTTP. */
  readonly secure?: ServerOptions | undefined;
}

/** Largest header section of a request, in bytes; 431 beyond it. */
export const maxHeaderBytes = 32 * 1024;
/** How often unfinished requests are looked for; their time limit is kept to within this. */
const checkingIntervalMs = 1000;
/** Idle connections are kept longer than load balancers keep theirs (60 s), so that it is never us who closes one in use. */
const keepAliveMs = 65_000;

/** A node:http server with the gateway's bounds. Not listening yet. */
export const httpServer = (options: HttpServerOptions, listener?: RequestListener): Server => {
  const bounds = {
    maxHeaderSize: maxHeaderBytes,
    requestTimeout: options.requestTimeoutMs,
    headersTimeout: options.requestTimeoutMs,
    connectionsCheckingInterval: Math.min(checkingIntervalMs, options.requestTimeoutMs),
    keepAliveTimeout: keepAliveMs,
    noDelay: true,
  };
  const server: Server =
    options.secure === undefined
      ? createServer(bounds)
      : createSecureServer({ ...bounds, ...options.secure });
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
      resolve(baseUrl(host, bound, server instanceof SecureServer));
    });
  });

/** The URL of a listener. */
export const baseUrl = (host: string, port: number, secure: boolean): string =>
  `http${secure ? 's' : ''}://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Stops listening and resolves when the last connection has closed; `closeAllConnections` hurries it. */
export const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeIdleConnections();
  });
