import { memoryGrants } from '../../src/stores/memoryGrants.js';
import { loadSettings } from '../../src/config/load.js';
import { createGateway } from '../../src/gateway.js';
import type { Gateway } from '../../src/gateway/gateway.js';
import type { GatewayOptions } from '../../src/gateway/gatewayOptions.js';
import { constant } from '../../src/streams/latest.js';
import type { Log } from '../../src/streams/log.js';
import { agreeing } from '../sources/oauth/protectedBackend.js';
import { loginClient } from './logins.js';
import {
  startAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from './startAuthorizationServer.js';
import { startGuard, type Guard, type GuardOptions } from './startGuard.js';
import { startIssuer, type Issuer } from './startIssuer.js';
import { startMcpBackend, type McpBackend } from './startMcpBackend.js';

export interface PersonalOptions {
  readonly era?: 'modern' | 'legacy';
  readonly as?: AuthorizationServerOptions;
  readonly guard?: Partial<GuardOptions>;
  readonly oauth?: Readonly<Record<string, unknown>>;
  /** How the gateway takes tokens of the issuer: `claims`, for one. */
  readonly issuer?: Readonly<Record<string, unknown>>;
  /** Whether grants of persons are where the configuration says, and not in memory for all gateways of the test. */
  readonly keepsAsConfigured?: boolean;
  /** More of the configuration, over what there is. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** A server that each person lets the gateway use, all around it for real: an issuer with a login, an authorization server, browsers. */
export interface Personal {
  readonly issuer: Issuer;
  readonly as: AuthorizationServer;
  readonly guard: Guard;
  readonly server: McpBackend;
  readonly gateway: Gateway;
  readonly url: string;
  readonly port: number;
  /** The tokens that the server was shown. */
  readonly shown: readonly string[];
  /** All that was logged, as text. */
  logged(): string;
  /** A token of the issuer for the gateway. */
  token(person: string, claims?: Readonly<Record<string, unknown>>): Promise<string>;
  /** Another gateway that shares the grants. */
  another(more?: Partial<GatewayOptions>): Promise<{ readonly gateway: Gateway; readonly url: string }>;
  close(): Promise<void>;
}

/** Starts it all; call `close` in `after`. */
export const startPersonal = async (options: PersonalOptions = {}): Promise<Personal> => {
  const issuer = await startIssuer();
  const as = await startAuthorizationServer({ lifetime: 3600, ...options.as });
  const server = await startMcpBackend({ era: options.era ?? 'modern' });
  const shown: string[] = [];
  const guard = await startGuard({
    port: server.port,
    issuers: () => [as.issuer],
    lookUp(token) {
      shown.push(token);
      return as.lookUp(token);
    },
    ...options.guard,
  });
  const people = memoryGrants();
  const lines: string[] = [];
  const write = (fields: unknown, message: string): void =>
    void lines.push(`${message} ${JSON.stringify(fields)}`);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const signIn = { client_id: loginClient.id, client_secret: loginClient.secret };
  const text = JSON.stringify({
    listen: { port: 0 },
    admin: { port: 0 },
    auth: {
      jwt: { issuers: [{ issuer: issuer.url, audience: 'gateway', sign_in: signIn, ...options.issuer }] },
    },
    servers: { crm: { url: guard.url, oauth: { grant: 'per_user', ...options.oauth } } },
    ...options.config,
  });
  const settings = loadSettings(text, { file: 'gateway.json', env: {}, baseDir: process.cwd() });
  const closing: (() => Promise<void>)[] = [];
  const another: Personal['another'] = async (more = {}) => {
    const gateway = createGateway(constant(settings), {
      log,
      version: '0.0.0-test',
      authorizing: {
        grants: memoryGrants(),
        consent: agreeing,
        ...(options.keepsAsConfigured !== true && { people }),
      },
      ...more,
    });
    closing.unshift(() => gateway.close());
    const { url } = await gateway.listen();
    await gateway.ready();
    return { gateway, url };
  };
  const { gateway, url } = await another();
  return {
    issuer,
    as,
    guard,
    server,
    gateway,
    url,
    port: Number(new URL(url).port),
    shown,
    logged: () => lines.join('\n'),
    token: (person, claims = {}) => issuer.token('gateway', { sub: person, ...claims }),
    another,
    async close() {
      for (const close of closing) await close();
      await Promise.all([guard, server, as, issuer].map((each) => each.close()));
    },
  };
};
