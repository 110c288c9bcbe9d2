import { inspect } from 'node:util';
import { defer, of } from 'rxjs';
import { toNetwork } from '../../../src/config/toNetwork.js';
import type { OAuthSettings } from '../../../src/config/oauthSettings.js';
import { mcpBackend } from '../../../src/sources/backends/mcp/mcpBackend.js';
import type { Consent } from '../../../src/sources/oauth/consent.js';
import { oauthCredentials, type OAuthCredentials } from '../../../src/sources/oauth/oauthCredentials.js';
import { memoryGrants } from '../../../src/stores/memoryGrants.js';
import type { Backend } from '../../../src/streams/backend.js';
import type { GrantStore } from '../../../src/streams/grants.js';
import type { Log } from '../../../src/streams/log.js';
import {
  startAuthorizationServer,
  type AuthorizationServer,
  type AuthorizationServerOptions,
} from '../../support/startAuthorizationServer.js';
import { startGuard, type Guard, type GuardOptions } from '../../support/startGuard.js';
import { startMcpBackend, type McpBackend } from '../../support/startMcpBackend.js';

const redirectUri = 'http://127.0.0.1:3000/callback';

/** A user who agrees at once; the browser arrives at a callback that nobody has to serve. */
export const agreeing: Consent = () =>
  of({
    redirectUri,
    show: (url) =>
      defer(async () => {
        const response = await fetch(url, { redirect: 'manual' });
        return new URL(response.headers.get('location') ?? '').searchParams;
      }),
  });

export interface ProtectedBackendOptions {
  readonly era?: 'modern' | 'legacy';
  readonly as?: AuthorizationServerOptions;
  readonly guard?: Partial<GuardOptions>;
  readonly oauth?: Partial<OAuthSettings>;
  /** `agreeing` by default; null for nobody. */
  readonly consent?: Consent | null;
  readonly grants?: GrantStore;
}

/** Everything between the gateway and an MCP server that wants tokens, for real. */
export interface ProtectedBackend {
  readonly as: AuthorizationServer;
  readonly guard: Guard;
  readonly server: McpBackend;
  readonly backend: Backend;
  readonly credentials: OAuthCredentials;
  /** Credentials for the same server, as another process would have them. */
  credentialsWith(more: Pick<ProtectedBackendOptions, 'oauth' | 'consent' | 'grants'>): OAuthCredentials;
  /** A second gateway in front of the same server. */
  connect(more?: Pick<ProtectedBackendOptions, 'oauth' | 'consent' | 'grants'>): Backend;
  /** Lets time go by for the credentials, in milliseconds. */
  pass(ms: number): void;
  /** Everything that was logged, as text. */
  readonly logged: string;
}

const closing: (() => Promise<unknown>)[] = [];

/** For `afterEach`. */
export const closeAll = async (): Promise<void> => {
  for (const close of closing.splice(0).reverse()) await close();
};

export const protectedBackend = async (options: ProtectedBackendOptions = {}): Promise<ProtectedBackend> => {
  const server = await startMcpBackend({ era: options.era ?? 'modern' });
  closing.push(() => server.close());
  const as = await startAuthorizationServer(options.as);
  closing.push(() => as.close());
  const guard = await startGuard({
    port: server.port,
    issuers: () => [as.issuer],
    lookUp: as.lookUp,
    ...options.guard,
  });
  closing.push(() => guard.close());

  let passed = 0;
  const lines: string[] = [];
  const write = (fields: unknown, message: string): void => {
    lines.push(`${message} ${inspect(fields, { depth: 10, showHidden: true })}`);
  };
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const store = options.grants ?? memoryGrants();

  const credentialsWith = ({ oauth = {}, consent = agreeing, grants = store }: ProtectedBackendOptions) =>
    oauthCredentials({
      server: 'crm',
      url: guard.url,
      settings: { grant: 'authorization_code', allowedHosts: [], ...oauth },
      rules: () => toNetwork(),
      store: grants,
      consent: consent ?? undefined,
      log,
      now: () => Date.now() + passed,
    });
  const connectWith = (credentials: OAuthCredentials): Backend => {
    const backend = mcpBackend({
      name: 'crm',
      url: guard.url,
      headers: {},
      credentials,
      protocol: 'auto',
      log,
      clientInfo: { name: 'sluice-test', version: '0.0.0' },
    });
    closing.push(() => backend.close(0));
    return backend;
  };
  const credentials = credentialsWith(options);
  return {
    as,
    guard,
    server,
    credentials,
    backend: connectWith(credentials),
    credentialsWith: (more) => credentialsWith({ ...options, ...more }),
    connect: (more = {}) => connectWith(credentialsWith({ ...options, ...more })),
    pass(ms) {
      passed += ms;
    },
    get logged() {
      return lines.join('\n');
    },
  };
};
