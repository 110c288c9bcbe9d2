import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { within } from '../../support/within.js';

/** A request as it came. */
export interface Received {
  readonly httpMethod: string;
  readonly headers: IncomingHttpHeaders;
  /** The names as they were written, in order. */
  readonly rawHeaders: readonly string[];
  /** The parsed body; an empty object without one. */
  readonly body: {
    readonly id?: number;
    readonly method?: string;
    readonly params?: Readonly<Record<string, unknown>>;
    readonly [key: string]: unknown;
  };
  readonly response: ServerResponse;
  /** Answers with one JSON body. */
  json(body: unknown, status?: number, headers?: Readonly<Record<string, string>>): void;
  /** Answers with a result to this request. */
  result(result: unknown, headers?: Readonly<Record<string, string>>): void;
  /** Answers with a JSON-RPC error to this request. */
  error(code: number, status?: number, data?: unknown, message?: string): void;
  /** Writes an event; the first one opens the stream. */
  event(message: unknown, fields?: string): void;
}

export interface ScriptedServer {
  readonly url: string;
  readonly port: number;
  /** Everything that came so far. */
  readonly received: readonly Received[];
  /** Waits until a request fits, one that came already included. */
  next(what: string, fits: (request: Received) => boolean): Promise<Received>;
  /** Names of the JSON-RPC methods (or HTTP verbs) that came so far. */
  methods(): string[];
  close(): Promise<void>;
}

/** A server over real HTTP that does what its script says. What the script leaves unanswered hangs. */
export const scriptedServer = async (
  script: (request: Received) => void,
  port = 0,
): Promise<ScriptedServer> => {
  const received: Received[] = [];
  const arrivals = new EventEmitter();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const body = (text === '' ? {} : JSON.parse(text)) as Received['body'];
      const arrived = asReceived(request.method ?? '', request.headers, request.rawHeaders, body, response);
      received.push(arrived);
      script(arrived);
      arrivals.emit('request');
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}/mcp`,
    port: bound,
    received,
    async next(what, fits) {
      const find = async (): Promise<Received> => {
        for (;;) {
          const found = received.find(fits);
          if (found !== undefined) return found;
          await once(arrivals, 'request');
        }
      };
      return within(3000, what, find());
    },
    methods: () => received.map(({ body, httpMethod }) => body.method ?? httpMethod),
    async close() {
      if (!server.listening) return;
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

const asReceived = (
  httpMethod: string,
  headers: IncomingHttpHeaders,
  rawHeaders: readonly string[],
  body: Received['body'],
  response: ServerResponse,
): Received => {
  const { id } = body;
  const json: Received['json'] = (value, status = 200, more = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(value));
  };
  return {
    httpMethod,
    headers,
    rawHeaders,
    body,
    response,
    json,
    result: (result, more) => json({ jsonrpc: '2.0', id, result }, 200, more),
    error: (code, status = 200, data, message = 'no') =>
      json({ jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } }, status),
    event(message, fields = '') {
      if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`${fields}data: ${message === '' ? '' : JSON.stringify(message)}\n\n`);
    },
  };
};
