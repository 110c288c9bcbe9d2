import { randomUUID, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { jwtKeys, openJwt, signedJwt } from './jwt.js';

export interface TokenServerOptions {
  /** Clients: id → secret. */
  readonly clients: Readonly<Record<string, string>>;
  /** Whose ID-JAGs it takes. */
  readonly trusts?: TokenServer;
  /** How long its tokens live, in seconds. */
  readonly lifetime?: number;
}

/** An authorization server over real HTTP for grants without a browser: its tokens are JWTs. */
export interface TokenServer {
  readonly issuer: string;
  readonly publicKey: KeyObject;
  /** The parameters of requests to the token endpoint so far. */
  readonly requests: readonly URLSearchParams[];
  /** A token that it has given a user, for the gateway. */
  tokenOf(user: string): string;
  /** What a token of it says; undefined for any other, and for one that was revoked. */
  claimsOf(token: string): Readonly<Record<string, unknown>> | undefined;
  /** Makes all tokens so far invalid. */
  revoke(): void;
  /** Answers the next requests with this OAuth error; undefined to go on as before. */
  refuse(error: string | undefined): void;
  close(): Promise<void>;
}

const urn = 'urn:ietf:params:oauth:';
const idJagType = 'oauth-id-jag+jwt';

/** Starts it; call `close` in `after`. */
export const startTokenServer = async ({
  clients,
  trusts,
  lifetime = 300,
}: TokenServerOptions): Promise<TokenServer> => {
  const { privateKey, publicKey } = jwtKeys();
  const requests: URLSearchParams[] = [];
  const given = new Set<string>();
  let issuer = '';
  let refusing: string | undefined;

  const signed = (claims: object, typ?: string): string => {
    const now = Math.floor(Date.now() / 1000);
    const token = signedJwt(
      privateKey,
      { iss: issuer, iat: now, exp: now + lifetime, jti: randomUUID(), ...claims },
      typ,
    );
    given.add(token);
    return token;
  };
  const bearer = (claims: object, more: object = {}) => ({
    access_token: signed(claims),
    token_type: 'Bearer',
    expires_in: lifetime,
    ...more,
  });

  const clientOf = ({ headers }: IncomingMessage): string | undefined => {
    const [id = '', secret] = Buffer.from((headers.authorization ?? '').replace('Basic ', ''), 'base64')
      .toString()
      .split(':')
      .map(decodeURIComponent);
    return secret !== undefined && clients[id] === secret ? id : undefined;
  };

  const claimsOf: TokenServer['claimsOf'] = (token) =>
    given.has(token) ? openJwt(publicKey, token) : undefined;

  const exchange = (body: URLSearchParams, client: string): object | string => {
    const subject = claimsOf(body.get('subject_token') ?? '');
    if (subject?.['aud'] !== 'gateway') return 'invalid_grant';
    const scope = body.get('scope') ?? undefined;
    if (body.get('requested_token_type') !== `${urn}token-type:id-jag`)
      return bearer(
        {
          sub: subject['sub'],
          aud: body.get('audience') ?? body.get('resource'),
          act: { sub: client },
          scope,
        },
        { issued_token_type: `${urn}token-type:access_token` },
      );
    const claims = {
      sub: subject['sub'],
      aud: body.get('audience'),
      resource: body.get('resource'),
      client_id: `${client}-there`,
      scope,
    };
    return {
      access_token: signed(claims, idJagType),
      issued_token_type: `${urn}token-type:id-jag`,
      token_type: 'N_A',
      expires_in: lifetime,
    };
  };

  const grant = (body: URLSearchParams, client: string): object | string => {
    switch (body.get('grant_type')) {
      case 'client_credentials':
        return bearer({ sub: client, aud: body.get('audience') ?? body.get('resource') });
      case `${urn}grant-type:token-exchange`:
        return exchange(body, client);
      case `${urn}grant-type:jwt-bearer`: {
        const found = trusts && openJwt(trusts.publicKey, body.get('assertion') ?? '', idJagType);
        const fits = found?.['aud'] === issuer && found['client_id'] === client;
        return fits ? bearer({ sub: found['sub'], aud: found['resource'] }) : 'invalid_grant';
      }
      default:
        return 'unsupported_grant_type';
    }
  };

  const answer = async (request: IncomingMessage): Promise<readonly [number, object]> => {
    if (request.url === '/.well-known/oauth-authorization-server')
      return [200, { issuer, token_endpoint: `${issuer}/token`, response_types_supported: ['code'] }];
    if (request.url !== '/token') return [404, {}];
    const body = new URLSearchParams(await text(request));
    requests.push(body);
    const client = clientOf(request);
    const result = refusing ?? (client === undefined ? 'invalid_client' : grant(body, client));
    return typeof result === 'string' ? [400, { error: result }] : [200, result];
  };

  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    issuer,
    publicKey,
    requests,
    tokenOf: (user) => signed({ sub: user, aud: 'gateway' }),
    claimsOf,
    revoke: () => given.clear(),
    refuse: (error) => void (refusing = error),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
