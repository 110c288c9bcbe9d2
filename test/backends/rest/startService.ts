import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as the service saw it, body read. */
export interface Seen {
  readonly method: string;
  /** Path and query, undecoded. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Service {
  readonly url: string;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

/** What a service does with a request; the default answers `{}`. */
export type Handler = (request: IncomingMessage, response: ServerResponse, seen: Seen) => void;

const answerEmpty: Handler = (_request, response) => {
  response.setHeader('content-type', 'application/json').end('{}');
};

/** A real HTTP service on a free port. */
export const startService = async (handler: Handler = answerEmpty): Promise<Service> => {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const one = { method, url, headers, body: Buffer.concat(pieces).toString() };
      seen.push(one);
      handler(request, response, one);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close').catch(() => undefined);
    },
  };
};
