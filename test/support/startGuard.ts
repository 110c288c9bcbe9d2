import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { IssuedToken } from './startAuthorizationServer.js';

export interface GuardOptions {
  /** The MCP server behind it. */
  readonly port: number;
  /** Path of its endpoint; everything else there is guarded as well. */
  readonly path?: string;
  /** Who issues its tokens; may change. */
  readonly issuers: () => readonly string[];
  readonly lookUp: (token: string) => IssuedToken | undefined;
  /** Scopes that a request needs, by its JSON-RPC method. */
  readonly scopesFor?: (method: string) => readonly string[];
  /** Changes to its metadata; undefined leaves an entry out. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** Where its metadata is; by default at the well-known place with its path. Null for nowhere. */
  readonly metadataAt?: string | null;
  /** Whether the challenge names that place. */
  readonly names?: boolean;
  /** `resource_metadata` of the challenge, whatever is there. */
  readonly misleads?: string;
}

/** A protected resource (RFC 9728): lets requests with a good token through to an MCP server. */
export interface Guard {
  readonly url: string;
  /** Methods of requests that were let through, and `401 METHOD`, `403 METHOD` of those that were not. */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Starts it; call `close` in `after`. */
export const startGuard = async (options: GuardOptions): Promise<Guard> => {
  const {
    path = '/mcp',
    metadataAt = `/.well-known/oauth-protected-resource${path}`,
    scopesFor = () => [],
    names = true,
  } = options;
  const requests: string[] = [];
  let origin = '';

  const refuse = (response: ServerResponse, status: 401 | 403, parameters: Record<string, string>): void => {
    const named = options.misleads ?? (names && metadataAt !== null ? `${origin}${metadataAt}` : undefined);
    const all = { ...parameters, ...(named !== undefined && { resource_metadata: named }) };
    const written = Object.entries(all).map(([name, value]) => `${name}="${value}"`);
    response.writeHead(status, { 'www-authenticate': `Bearer ${written.join(', ')}` }).end();
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === metadataAt) {
      const metadata = {
        resource: `${origin}${path}`,
        authorization_servers: options.issuers(),
        ...options.metadata,
      };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
      return;
    }
    if (request.url?.startsWith('/.well-known/') === true) return void response.writeHead(404).end();
    const body = await buffer(request);
    const { method } = (body.length === 0 ? { method: request.method } : JSON.parse(body.toString())) as {
      method: string;
    };
    const given = options.lookUp(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    const needed = scopesFor(method);
    const scope = needed.length === 0 ? {} : { scope: needed.join(' ') };
    if (given?.resource !== `${origin}${path}`) {
      requests.push(`401 ${method}`);
      refuse(response, 401, scope);
    } else if (!needed.every((one) => given.scopes.includes(one))) {
      requests.push(`403 ${method}`);
      refuse(response, 403, { error: 'insufficient_scope', ...scope });
    } else {
      requests.push(method);
      const { authorization: _token, ...headers } = request.headers;
      const passed = forward(
        { port: options.port, path: request.url, method: request.method, headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        },
      );
      passed.on('error', () => response.destroy());
      response.on('close', () => passed.destroy());
      passed.end(body);
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}${path}`,
    requests,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
