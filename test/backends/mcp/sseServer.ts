import { once } from 'node:events';
import { scriptedServer, type Received, type ScriptedServer } from './scriptedServer.js';

type Body = Received['body'];

/** One client's stream, as the server sees it. */
export interface SseStream {
  readonly id: string;
  readonly request: Received;
  /** Says a message; false when the client does not read. */
  say(message: unknown): boolean;
  /** Answers a request. */
  result(to: Body, result: unknown): void;
  /** Resolves when the client, or {@link cut}, has closed it. */
  readonly closed: Promise<unknown>;
  cut(): void;
}

/** What a scripted server over HTTP+SSE does; whatever is left out it does as it should. */
export interface SseScript {
  /** Answers a GET; true when it has. */
  open?: (request: Received) => boolean;
  /** Answers a POST to the endpoint; true when it has, and nothing more is to be done about it. */
  post?: (request: Received, stream: SseStream | undefined) => boolean;
  /** Deals with a message that is neither part of the handshake nor a notification. */
  message?: (body: Body, stream: SseStream) => void;
  endpoint?: (id: string) => string;
  capabilities?: Readonly<Record<string, unknown>>;
  /** Status for a POST to anything but the endpoint. */
  elsewhere?: number;
}

export interface SseServer extends Omit<ScriptedServer, 'url'> {
  readonly url: string;
  /** The streams that are open, oldest first. */
  readonly streams: readonly SseStream[];
  /** How many have been opened so far. */
  readonly opened: number;
  /** The messages posted so far to a stream's endpoint, by name. */
  said(stream: SseStream): string[];
}

/** A server over HTTP+SSE of 2024-11-05 on real sockets, that does what its script says. */
export const sseServer = async (script: SseScript, path = '/sse', port = 0): Promise<SseServer> => {
  const streams = new Map<string, SseStream>();
  let opened = 0;

  const open = (request: Received): void => {
    const { response } = request;
    const id = `s${++opened}`;
    const say = (message: unknown): boolean =>
      response.write(`event: message\ndata: ${JSON.stringify(message)}\n\n`);
    const closed = once(response, 'close');
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    streams.set(id, {
      id,
      request,
      say,
      result: ({ id: to }, result) => void say({ jsonrpc: '2.0', id: to, result }),
      closed,
      cut: () => void response.destroy(),
    });
    void closed.then(() => streams.delete(id));
    response.write(`event: endpoint\ndata: ${script.endpoint?.(id) ?? `/messages?sessionId=${id}`}\n\n`);
  };

  const take = ({ body }: Received, stream: SseStream): void => {
    const { method } = body;
    if (method === 'initialize') {
      const { protocolVersion } = body.params as { protocolVersion: string };
      const { capabilities = { tools: {} } } = script;
      return stream.result(body, {
        protocolVersion,
        capabilities,
        serverInfo: { name: 'old', version: '1' },
      });
    }
    if (method !== undefined && body.id !== undefined) script.message?.(body, stream);
  };

  const server = await scriptedServer((request) => {
    const { pathname, searchParams } = urlOf(request);
    if (request.httpMethod === 'GET') {
      if (!script.open?.(request)) open(request);
      return;
    }
    if (pathname !== '/messages')
      return void request.response.writeHead(script.elsewhere ?? 404).end('Cannot POST');
    const stream = streams.get(searchParams.get('sessionId') ?? '');
    if (script.post?.(request, stream)) return;
    if (stream === undefined) return void request.response.writeHead(404).end('Session not found');
    request.response.writeHead(202).end('Accepted');
    take(request, stream);
  }, port);

  return {
    ...server,
    url: `http://127.0.0.1:${server.port}${path}`,
    received: server.received,
    get streams() {
      return [...streams.values()];
    },
    get opened() {
      return opened;
    },
    said: ({ id }) =>
      server.received
        .filter((request) => urlOf(request).searchParams.get('sessionId') === id)
        .map(({ body }) => body.method ?? 'response'),
  };
};

const urlOf = ({ response }: Received): URL => new URL(response.req.url ?? '/', 'http://localhost');
