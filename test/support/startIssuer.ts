import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  calculateJwkThumbprint,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  SignJWT,
  type CryptoKey,
  type JWTPayload,
} from 'jose';

import { loginClient, logins, type Logins } from './logins.js';

export interface SigningKey {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
}

export interface TokenOptions {
  /** Instead of the issuer's newest key. */
  readonly key?: SigningKey;
  readonly header?: Readonly<Record<string, unknown>>;
}

/** Claims; `undefined` leaves out one that there would be. */
type Claims = Readonly<Record<string, unknown>>;

/** An issuer of tokens over real HTTP: metadata, keys, introspection. */
export interface Issuer {
  readonly url: string;
  /** The key that signs now. */
  readonly key: SigningKey;
  /** In PEM. */
  publicPem(): Promise<string>;
  /** Requests so far, by path. */
  readonly requests: readonly string[];
  /** A token for an audience; `undefined` among the claims leaves one out. */
  token(audience: string | readonly string[], claims?: Claims, options?: TokenOptions): Promise<string>;
  /** An opaque token that introspection knows. */
  opaque(audience: string, claims?: Claims, prefix?: string): string;
  /** Makes introspection say of a token that it is not valid any more. */
  revoke(token: string): void;
  /** Signs with a new key from now on. `keep` leaves the old one among the published ones. */
  rotate(keep?: boolean): Promise<void>;
  /** Its login for browsers (OpenID Connect), as the client of `loginClient`. */
  readonly login: Logins;
  /** Answers nothing but 503 until told otherwise. */
  fail(failing: boolean): void;
  close(): Promise<void>;
}

/** A key of its own kind, for tokens that an issuer has not signed. */
export const signingKey = async (alg = 'ES256'): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  return { kid: randomUUID(), alg, privateKey, publicKey };
};

/** Starts it; call `close` in `after`. */
export const startIssuer = async (path = ''): Promise<Issuer> => {
  let keys = [await signingKey()];
  let failing = false;
  const requests: string[] = [];
  const revoked = new Set<string>();
  const opaque = new Map<string, JWTPayload>();
  const server = createServer((request, response) => {
    const [url = ''] = (request.url ?? '').split('?');
    requests.push(`${request.method} ${url}`);
    const send = (status: number, body: unknown): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (failing) return send(503, {});
    if (url === `/.well-known/oauth-authorization-server${path}`)
      return send(200, {
        issuer: base,
        jwks_uri: `${base}/keys`,
        introspection_endpoint: `${base}/introspect`,
        authorization_endpoint: `${base}/authorize`,
        token_endpoint: `${base}/token`,
      });
    if (url === `${path}/keys`)
      return void Promise.all(
        keys.map(async ({ publicKey, kid, alg }) => ({
          ...(await exportJWK(publicKey)),
          kid,
          alg,
          use: 'sig',
        })),
      ).then((published) => send(200, { keys: published }));
    if (url === `${path}/introspect`)
      return void text(request).then((body) => {
        const proof = Buffer.from(
          (request.headers.authorization ?? '').replace('Basic ', ''),
          'base64',
        ).toString();
        if (proof !== 'gateway:it%3As+secret') return send(401, { error: 'invalid_client' });
        const token = new URLSearchParams(body).get('token') ?? '';
        const known = opaque.get(token) ?? (token.split('.').length === 3 ? decode(token) : undefined);
        return send(
          200,
          known === undefined || revoked.has(token) ? { active: false } : { active: true, ...known },
        );
      });
    if (url === `${path}/authorize`) {
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
      const to = login.authorize(query, request.headers.cookie ?? '');
      return void response.writeHead(302, { location: to.href }).end();
    }
    if (url === `${path}/token`)
      return void text(request).then(async (body) => {
        const claims = login.redeem(new URLSearchParams(body), request.headers.authorization ?? '');
        if (claims === undefined) return send(400, { error: 'invalid_grant' });
        const idToken = await issuer.token(loginClient.id, claims, {
          header: { typ: 'JWT' },
          ...(login.key !== undefined && { key: login.key }),
        });
        send(200, { access_token: 'of no use', token_type: 'Bearer', id_token: idToken });
      });
    return send(404, {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const newest = (): SigningKey => keys.at(-1) as SigningKey;
  const standard = (audience: string | readonly string[]): JWTPayload => {
    const now = Math.floor(Date.now() / 1000);
    return {
      iss: base,
      sub: 'ann',
      aud: typeof audience === 'string' ? audience : [...audience],
      iat: now,
      exp: now + 300,
      jti: randomUUID(),
      client_id: 'inspector',
    };
  };
  const login = logins(() => base);
  const issuer: Issuer = {
    url: base,
    login,
    requests,
    get key() {
      return newest();
    },
    publicPem: () => exportSPKI(newest().publicKey),
    token: (audience, claims = {}, { key = newest(), header = {} } = {}) =>
      new SignJWT({ ...standard(audience), ...claims })
        .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'at+jwt', ...header })
        .sign(key.privateKey),
    opaque(audience, claims = {}, prefix = '') {
      const token = `${prefix}${randomUUID()}`;
      opaque.set(token, { ...standard(audience), ...claims });
      return token;
    },
    revoke: (token) => void revoked.add(token),
    async rotate(keep = true) {
      keys = [...(keep ? keys : []), await signingKey()];
    },
    fail: (now) => void (failing = now),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return issuer;
};

const decode = (token: string): JWTPayload =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as JWTPayload;

/** A proof of possession (RFC 9449) for a request with a token. */
export const proofOf = async (
  key: SigningKey,
  token: string,
  { htm = 'POST', htu, ...claims }: JWTPayload & { htm?: string; htu: string },
): Promise<string> =>
  new SignJWT({
    htm,
    htu,
    iat: Math.floor(Date.now() / 1000),
    jti: randomUUID(),
    ath: createHash('sha256').update(token).digest('base64url'),
    ...claims,
  })
    .setProtectedHeader({ alg: key.alg, typ: 'dpop+jwt', jwk: await exportJWK(key.publicKey) })
    .sign(key.privateKey);

/** What a token is bound to a key by: `cnf.jkt`. */
export const thumbprint = async ({ publicKey }: SigningKey): Promise<string> =>
  calculateJwkThumbprint(await exportJWK(publicKey));
