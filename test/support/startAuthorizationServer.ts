import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface AuthorizationServerOptions {
  /** Path in the issuer, e.g. `/tenant`. */
  readonly path?: string;
  /** Where its metadata is, from the origin; by default at the first place to look. */
  readonly metadataAt?: string;
  /** Changes to its metadata; undefined leaves an entry out. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** How long its tokens live, in seconds; undefined for no word about it. */
  readonly lifetime?: number;
  /** Entries added to the answers with tokens. */
  readonly extras?: Readonly<Record<string, unknown>>;
  /** What it calls its answers with tokens; `application/json` by default. */
  readonly contentType?: string;
  /** What it answers to registrations instead of what it should. */
  readonly registration?: unknown;
  /** Clients that are known beforehand: id → secret. */
  readonly clients?: Readonly<Record<string, string>>;
  /** What the browser takes back besides `code` and `state`; null leaves the entry out. */
  readonly callback?: Readonly<Record<string, string | null>>;
}

/** A token and what it is good for. */
export interface IssuedToken {
  readonly resource: string | null;
  readonly scopes: readonly string[];
  readonly clientId: string;
}

/** An OAuth 2.1 authorization server over real HTTP, whose user agrees to everything at once. */
export interface AuthorizationServer {
  readonly issuer: string;
  /** Every request so far: `GET /path` or, for tokens, `POST /token GRANT`. */
  readonly requests: readonly string[];
  /** The parameters of requests to the authorization and the token endpoint. */
  readonly authorizations: readonly URLSearchParams[];
  readonly tokenRequests: readonly URLSearchParams[];
  /** Everything secret that it ever gave away. */
  readonly secrets: readonly string[];
  /** A token that is valid now. */
  lookUp(token: string): IssuedToken | undefined;
  /** Makes all access tokens invalid; those that renew them stay. */
  revokeAccess(): void;
  /** Makes all refresh tokens invalid. */
  revokeRefresh(): void;
  /** Holds token requests back until the returned function is called. */
  hold(): () => void;
  close(): Promise<void>;
}

interface Code {
  readonly challenge: string;
  readonly redirectUri: string;
  readonly token: IssuedToken;
}

/** Starts it; call `close` in `after`. */
export const startAuthorizationServer = async (
  options: AuthorizationServerOptions = {},
): Promise<AuthorizationServer> => {
  const { path = '', lifetime, callback = {} } = options;
  const clients = new Map<string, string | undefined>(Object.entries(options.clients ?? {}));
  const codes = new Map<string, Code>();
  const access = new Map<string, IssuedToken>();
  const refresh = new Map<string, IssuedToken>();
  const requests: string[] = [];
  const secrets: string[] = Object.values(options.clients ?? {});
  const authorizations: URLSearchParams[] = [];
  const tokenRequests: URLSearchParams[] = [];
  let held: Promise<void> = Promise.resolve();
  let issuer = '';

  const secret = (kind: string): string => {
    const made = `${kind}-${randomUUID()}`;
    secrets.push(made);
    return made;
  };

  const metadata = () => ({
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    registration_endpoint: `${issuer}/register`,
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
    authorization_response_iss_parameter_supported: true,
    ...options.metadata,
  });

  const authorize = (query: URLSearchParams, response: ServerResponse): void => {
    authorizations.push(query);
    const code = secret('code');
    codes.set(code, {
      challenge: query.get('code_challenge') ?? '',
      redirectUri: query.get('redirect_uri') ?? '',
      token: {
        resource: query.get('resource'),
        scopes: (query.get('scope') ?? '').split(' ').filter(Boolean),
        clientId: query.get('client_id') ?? '',
      },
    });
    const back = new URL(query.get('redirect_uri') ?? '');
    const answer: Record<string, string | null> = {
      code,
      state: query.get('state') ?? '',
      iss: issuer,
      ...callback,
    };
    for (const [name, value] of Object.entries(answer))
      if (value !== null) back.searchParams.set(name, value);
    response.writeHead(302, { location: back.href }).end();
  };

  const register = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const wanted = JSON.parse(await text(request)) as Readonly<Record<string, unknown>>;
    const clientId = `client-${randomUUID()}`;
    const method = wanted['token_endpoint_auth_method'];
    const clientSecret = method === 'none' ? undefined : secret('client-secret');
    clients.set(clientId, clientSecret);
    const registered = { ...wanted, client_id: clientId, client_secret: clientSecret };
    json(response, 201, options.registration ?? registered);
  };

  const issue = (token: IssuedToken, renewable: boolean): Record<string, unknown> => {
    const accessToken = secret('access');
    access.set(accessToken, token);
    const refreshToken = renewable ? secret('refresh') : undefined;
    if (refreshToken !== undefined) refresh.set(refreshToken, token);
    return {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: lifetime,
      refresh_token: refreshToken,
      ...options.extras,
    };
  };

  /** The client that proved itself; undefined for none. */
  const clientOf = ({ headers }: IncomingMessage, body: URLSearchParams): string | undefined => {
    const basic = headers.authorization?.replace(/^Basic /, '');
    const [id = '', given] =
      basic === undefined
        ? [body.get('client_id') ?? '', body.get('client_secret') ?? undefined]
        : Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
    return id.startsWith('https://') || (clients.has(id) && clients.get(id) === given) ? id : undefined;
  };

  const grant = (body: URLSearchParams, clientId: string): Record<string, unknown> | string => {
    const resource = body.get('resource');
    switch (body.get('grant_type')) {
      case 'authorization_code': {
        const code = codes.get(body.get('code') ?? '');
        codes.delete(body.get('code') ?? '');
        const challenge = createHash('sha256')
          .update(body.get('code_verifier') ?? '')
          .digest('base64url');
        const fits =
          code?.challenge === challenge &&
          code.redirectUri === body.get('redirect_uri') &&
          code.token.clientId === clientId &&
          code.token.resource === resource;
        return fits ? issue(code.token, true) : 'invalid_grant';
      }
      case 'refresh_token': {
        const before = refresh.get(body.get('refresh_token') ?? '');
        if (before?.clientId !== clientId || before.resource !== resource) return 'invalid_grant';
        refresh.delete(body.get('refresh_token') ?? '');
        return issue(before, true);
      }
      case 'client_credentials':
        return issue(
          { resource, scopes: (body.get('scope') ?? '').split(' ').filter(Boolean), clientId },
          false,
        );
      default:
        return 'unsupported_grant_type';
    }
  };

  const token = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = new URLSearchParams(await text(request));
    requests.push(`POST /token ${body.get('grant_type')}`);
    tokenRequests.push(body);
    await held;
    const clientId = clientOf(request, body);
    const answer = clientId === undefined ? 'invalid_client' : grant(body, clientId);
    if (typeof answer === 'string') json(response, 400, { error: answer, error_description: 'no' });
    else json(response, 200, answer, options.contentType);
  };

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const at = options.metadataAt ?? `/.well-known/oauth-authorization-server${path}`;
    const serve = async (): Promise<void> => {
      if (pathname !== `${path}/token`) requests.push(`${request.method} ${pathname}`);
      if (pathname === at) json(response, 200, metadata());
      else if (pathname === `${path}/authorize`) authorize(searchParams, response);
      else if (pathname === `${path}/register`) await register(request, response);
      else if (pathname === `${path}/token`) await token(request, response);
      else json(response, 404, {});
    };
    serve().catch((error: unknown) => json(response, 500, { error: String(error) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

  return {
    issuer,
    requests,
    authorizations,
    tokenRequests,
    secrets,
    lookUp: (given) => access.get(given),
    revokeAccess: () => access.clear(),
    revokeRefresh: () => refresh.clear(),
    hold() {
      let release = (): void => undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return () => release();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};

const json = (response: ServerResponse, status: number, body: unknown, type = 'application/json'): void => {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
};
