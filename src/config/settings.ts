/**
 * The configuration as the program uses it: camelCase, units resolved (milliseconds, bytes), defaults filled in, names checked.
 * What an operator writes (snake_case YAML) is described by the schema in schema.ts; load.ts turns one into the other.
 */

import type { AccessSettings } from './accessSettings.js';
import type { AdminSettings } from './adminSettings.js';
import type { AnalyticsSettings } from './analyticsSettings.js';
import type { AuditSettings } from './auditSettings.js';
import type { AuthSettings, ServerAccess } from './authSettings.js';
import type { BalancingSettings, StrategyName } from './balancingSettings.js';
import type { CacheSettings } from './cacheSettings.js';
import type { ClientTlsSettings } from './clientTlsSettings.js';
import type { ConsulSettings } from './consulSettings.js';
import type { DnsSettings } from './dnsSettings.js';
import type { HazelcastSettings } from './hazelcastSettings.js';
import type { IntegritySettings } from './integritySettings.js';
import type { NetworkSettings } from './networkSettings.js';
import type { RateLimitSettings, ScopedLimitSettings } from './rateLimitSettings.js';
import type { RecordSettings } from './recordSettings.js';
import type { RedactSettings } from './redactSettings.js';
import type { ListenSettings } from './listenSettings.js';
import type { Note } from './note.js';
import type { OAuthSettings } from './oauthSettings.js';
import type { OpaSettings, PolicySettings } from './opaSettings.js';
import type { PipelineSettings } from './pipelineSettings.js';
import type { Secret } from './secret.js';
import type { TelemetrySettings } from './telemetrySettings.js';
import type { ConcurrencySettings, TimeLimits } from './timeSettings.js';
import type { ToolSearchSettings } from './toolSearchSettings.js';
import type { TransformSettings } from './transformSettings.js';
import type { TransportSettings } from './transportSettings.js';

/** A path of a REST tool's answer, request or header mapping. */
export interface RestToolSettings {
  readonly name: string;
  readonly description?: string;
  readonly title?: string;
  /** HTTP method, upper case. */
  readonly method: string;
  /** Path template: `{x}` is filled from argument `x`, URL-encoded, and consumed. */
  readonly path: string;
  /** argument → query parameter; undefined for the default rule (GET, HEAD, DELETE: all that is left). */
  readonly query?: Readonly<Record<string, string>>;
  /** argument → header name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The argument sent as the JSON body, or `*` for all that is left; undefined for the default rule. */
  readonly body?: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  readonly outputSchema?: Readonly<Record<string, unknown>>;
  readonly annotations?: Readonly<Record<string, unknown>>;
  /** The answer comes in parts (SSE, NDJSON, chunked text): each part is sent on as progress. */
  readonly streaming: boolean;
}

/** What the configuration says of one tool. */
export interface ToolRule {
  /** Longest silence of a call, in milliseconds; the server's if not given. */
  readonly timeoutMs?: number;
  /** What is not given is the server's. */
  readonly times?: TimeLimits;
  /** Whether the gateway itself offers it as a task. */
  readonly task?: boolean;
  readonly rateLimit?: RateLimitSettings;
  /** Scopes that a call needs besides those of its server. */
  readonly scopes?: readonly string[];
  readonly transform?: TransformSettings;
}

interface ServerBase {
  readonly name: string;
  /** In front of each tool's and prompt's name; `''` for none. */
  readonly prefix: string;
  /** Longest silence of a call, in milliseconds. */
  readonly timeoutMs: number;
  readonly times?: TimeLimits;
  /** Undefined for no limit but that on all calls to a server (`StreamSettings.perServer`). */
  readonly concurrency?: ConcurrencySettings;
  readonly rateLimit?: RateLimitSettings;
  /** It is not told how much time is left for a call. */
  readonly forwardDeadline?: false;
  /** Longest time for listing everything the server offers, bodies included, in milliseconds. */
  readonly listTimeoutMs: number;
  /** Names of tools (the server's own, as globs) to offer; undefined for all. */
  readonly include?: readonly string[];
  /** Names of tools (the server's own, as globs) to leave out. */
  readonly exclude: readonly string[];
  /** Rules for single tools, by the server's own names. */
  readonly toolRules?: Readonly<Record<string, ToolRule>>;
  /** Kinds of things to offer from this server; undefined for all it has. */
  readonly capabilities?: readonly ('tools' | 'resources' | 'prompts')[];
  /** Who may use it. */
  readonly access?: ServerAccess;
  /** What decides over its calls, besides the policy of the whole gateway: all must allow. */
  readonly policies?: readonly PolicySettings[];
  readonly transform?: TransformSettings;
  /** What discovery knows of it besides (group, version, …), to be shown; undefined for a configured server. */
  readonly discovered?: Readonly<Record<string, string>>;
}

interface RemoteServer extends ServerBase {
  /** Base URLs of the instances, the preferred one first. Never empty, but for a REST server whose document names it. */
  readonly urls: readonly string[];
  /** Whoever named them, where that is not the configuration: the URL of an agent of Consul. */
  readonly namedBy?: string;
  /** Each address of the one URL's host is an instance; undefined where each URL is one. */
  readonly dns?: DnsSettings;
  readonly strategy: StrategyName;
  /** Undefined for a server with one instance that nothing is said of. */
  readonly balancing?: BalancingSettings;
  /** Sent with every request: the backend's own credential lives here. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined for a server that is content with `headers`. */
  readonly oauth?: OAuthSettings;
  /** Undefined for what the system trusts, and no certificate of ours. */
  readonly tls?: ClientTlsSettings;
}

export interface RestServerSettings extends RemoteServer {
  readonly type: 'rest';
  readonly tools: readonly RestToolSettings[];
  /** An OpenAPI 3.0 or 3.1 document: an absolute file path or a URL. */
  readonly openapi?: string;
}

export interface McpServerSettings extends RemoteServer {
  readonly type: 'mcp';
  /** Which era to speak: found out (`auto`) or fixed. */
  readonly protocol: 'auto' | 'legacy' | 'modern' | 'sse';
}

export interface StdioServerSettings extends ServerBase {
  readonly type: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute working directory of the child. */
  readonly cwd: string;
  readonly protocol: 'auto' | 'legacy' | 'modern';
}

export type ServerSettings = RestServerSettings | McpServerSettings | StdioServerSettings;

/** A route `/mcp/{name}` that serves some of the servers. */
export interface NamespaceSettings {
  readonly name: string;
  readonly servers: readonly string[];
  /** Globs over exposed names; undefined for all. */
  readonly allowed?: readonly string[];
  readonly denied: readonly string[];
  /** Whether names carry their server's prefix here; by default they do unless the route has one server. */
  readonly prefixed: boolean;
  readonly toolSearch?: ToolSearchSettings;
}

/** A key whose function is not built yet. `unsafe` ones protect something: starting without them needs a say-so. */
export interface InactiveNotice {
  /** Dotted path, e.g. `servers.database.rate_limit`. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly unsafe: boolean;
}

/** Bounds of the downstream HTTP side; each is documented where it is read. */
export interface HttpSettings {
  readonly maxBodyBytes: number;
  readonly maxDepth: number;
  readonly maxBatch: number;
  readonly heartbeatMs: number;
  /** How long a client may leave bytes unread before its connection is closed. */
  readonly slowClientTimeoutMs: number;
  /** How long a client may take to send its headers and body. */
  readonly requestTimeoutMs: number;
  readonly maxConnections: number;
  /** Addresses and networks (`10.0.0.0/8`) of proxies that are believed when they say for whom they ask. */
  readonly trustedProxies: readonly string[];
  /** Origins allowed besides those of this host; `*` for any. */
  readonly allowedOrigins: readonly string[];
  /** Host names allowed besides the loopback ones and the listening address; `*` for any. */
  readonly allowedHosts: readonly string[];
}

export interface StateSettings {
  /** The newest first; empty where they are made (see gateway/stateKeys.ts). */
  readonly keys: readonly Secret[];
  /** How long a client may take to answer what a server asks. */
  readonly ttlMs: number;
}

/** The tasks that the gateway keeps for its clients. */
export interface TaskSettings {
  /** How long one is kept after it began, and the longest that it may take. */
  readonly ttlMs: number;
  readonly max: number;
  /** Most that run at once. */
  readonly maxRunning: number;
  /** How often clients are told to ask. */
  readonly pollMs: number;
}

/** How much may be under way at a time; see config/schema/bounds.ts. */
export interface StreamSettings {
  readonly perClient: number;
  readonly perSession: number;
  readonly perServer: number;
  readonly listen: number;
  readonly resources: number;
  readonly resourcesPerClient: number;
  readonly resourcesPerServer: number;
  readonly asks: number;
  readonly parked: number;
}

/** How much is held at a time; see config/schema/bounds.ts. */
export interface BufferSettings {
  readonly bodiesBytes: number;
  readonly sessionEventsBytes: number;
  readonly eventsBytes: number;
  readonly awayBytes: number;
  readonly webSocketBytes: number;
  readonly backendMessageBytes: number;
}

export interface Settings {
  readonly listen: ListenSettings;
  /** Undefined where nobody is asked who they are. */
  readonly auth?: AuthSettings;
  /** Absolute paths of the files that these settings were made from besides their own. */
  readonly files: readonly string[];
  readonly admin: AdminSettings;
  /** Processes that share the work. */
  readonly workers: number;
  readonly naming: { readonly separator: string };
  /** In the order of the file, behind them those that were discovered. */
  readonly servers: readonly ServerSettings[];
  /** Undefined where nothing is discovered. */
  readonly consul?: ConsulSettings;
  readonly namespaces: readonly NamespaceSettings[];
  /** Tenants and access policies; undefined where there are neither. */
  readonly access?: AccessSettings;
  /** On how often there are calls; those of servers, tools and tenants are with these. */
  readonly limits?: readonly ScopedLimitSettings[];
  /** Undefined for the default chain. */
  readonly pipeline?: PipelineSettings;
  /** Undefined where no answers are remembered. */
  readonly cache?: CacheSettings;
  /** How policies are evaluated; undefined where there can't be any. */
  readonly opa?: OpaSettings;
  /** Names of tools (exposed or the server's own, as globs) that are neither listed nor called. */
  readonly blockedTools: readonly string[];
  readonly integrity: IntegritySettings;
  /** Undefined where nothing is redacted. */
  readonly redact?: RedactSettings;
  /** Undefined where lists of tools are whole. */
  readonly toolSearch?: ToolSearchSettings;
  /** Of calls of all tools; servers and tools may have their own besides. */
  readonly transform?: TransformSettings;
  readonly sessions: {
    readonly ttlMs: number;
    readonly max: number;
    /** Where they are kept; undefined for the memory of the process. */
    readonly hazelcast?: HazelcastSettings;
  };
  /** `advertise`: base URL at which other instances reach this one; undefined for the address listened on. */
  readonly cluster: { readonly advertise?: string };
  /** What clients hold for the gateway, sealed. */
  readonly state: StateSettings;
  readonly tasks: TaskSettings;
  /** `state`: absolute path of the file with the tokens of servers; undefined for the default (gateway/grantsOf.ts). */
  readonly oauth?: { readonly state?: string };
  readonly network: NetworkSettings;
  readonly http: HttpSettings;
  readonly transports: TransportSettings;
  readonly streams: StreamSettings;
  readonly buffers: BufferSettings;
  readonly pageSize: number;
  /** How long all goes on as before when it is told to stop. */
  readonly drainDelayMs: number;
  /** Hard cap on the length of one call, in milliseconds. */
  readonly maxCallMs: number;
  readonly drainTimeoutMs: number;
  readonly log: { readonly level: string; readonly format: 'auto' | 'json' | 'pretty' };
  /** Undefined for none. */
  readonly analytics?: AnalyticsSettings;
  readonly audit?: AuditSettings;
  readonly telemetry: TelemetrySettings;
  /** Undefined where nothing is recorded. */
  readonly record?: RecordSettings;
  readonly inactive: readonly InactiveNotice[];
  /** Shown by `check` and in the log. */
  readonly notes?: readonly Note[];
}
