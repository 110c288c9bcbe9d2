import { resolve } from 'node:path';
import { bytes } from './bytes.js';
import type { Env } from './expandEnv.js';
import { limits } from './limits.js';
import { milliseconds } from './milliseconds.js';
import type { RawConfig } from './schema.js';
import type { AdminSettings } from './adminSettings.js';
import type { AuthSettings } from './authSettings.js';
import type { TlsSettings } from './listenSettings.js';
import type {
  BufferSettings,
  HttpSettings,
  InactiveNotice,
  NamespaceSettings,
  Settings,
  StreamSettings,
} from './settings.js';
import type { Secret } from './secret.js';
import type { TransportSettings } from './transportSettings.js';
import { toAccess } from './toAccess.js';
import { toAnalytics } from './toAnalytics.js';
import { toAudit } from './toAudit.js';
import { toCache } from './toCache.js';
import { toConsul } from './toConsul.js';
import { toHazelcast } from './toHazelcast.js';
import { toIntegrity } from './toIntegrity.js';
import type { Note } from './note.js';
import { toNetwork } from './toNetwork.js';
import { toPipeline } from './toPipeline.js';
import { toLimits } from './toLimits.js';
import { toRecord } from './toRecord.js';
import { toRedact } from './toRedact.js';
import { toOpa } from './toOpa.js';
import { toTelemetry } from './toTelemetry.js';
import { toToolSearch } from './toToolSearch.js';
import { toTransform } from './toTransform.js';
import { toServer } from './toServer.js';
import { workersOf } from './workersOf.js';

/**
 * A checked configuration as the program uses it: camelCase, units resolved, defaults filled in, paths absolute.
 *
 * @param baseDir what relative paths start from: the folder of the file
 */
export const toSettings = (
  raw: RawConfig,
  {
    baseDir,
    env,
    inactive,
    notes,
    keys,
    tls,
    auth,
    admin,
    files,
  }: {
    baseDir: string;
    env: Env;
    inactive: readonly InactiveNotice[];
    notes: readonly Note[];
    keys: readonly Secret[];
    tls: TlsSettings | undefined;
    auth: AuthSettings | undefined;
    admin: AdminSettings;
    files: readonly string[];
  },
): Settings => ({
  listen: {
    host: raw.listen?.host ?? '127.0.0.1',
    port: raw.listen?.port ?? 8080,
    path: raw.listen?.path ?? '/mcp',
    ...(raw.listen?.public_url !== undefined && { publicOrigin: new URL(raw.listen.public_url).origin }),
    ...(tls !== undefined && { tls }),
  },
  ...(auth !== undefined && { auth }),
  files,
  admin,
  workers: workersOf(raw.workers ?? 1),
  naming: { separator: raw.naming?.separator ?? '_' },
  servers: Object.entries(raw.servers ?? {}).map(([name, server]) =>
    toServer(name, server, raw.timeouts ?? {}, baseDir),
  ),
  ...(raw.consul !== undefined && { consul: toConsul(raw.consul, raw, baseDir) }),
  namespaces: toNamespaces(raw.namespaces ?? {}),
  ...toAccess(raw),
  ...(raw.limits !== undefined && { limits: toLimits(raw.limits) }),
  ...toOpa(raw, baseDir),
  ...toPipeline(raw, baseDir),
  ...toCache(raw),
  blockedTools: raw.blocked_tools ?? [],
  integrity: toIntegrity(raw, baseDir),
  ...toRecord(raw, baseDir),
  ...toRedact(raw),
  ...toTransform(raw.transform),
  ...toToolSearch(raw.tool_search),
  sessions: {
    ttlMs: durationOr(raw.sessions?.ttl, limits.sessionTtlMs),
    max: raw.sessions?.max ?? limits.maxSessions,
    ...(raw.sessions?.store === 'hazelcast' && {
      hazelcast: toHazelcast(raw.sessions.hazelcast ?? {}, baseDir),
    }),
  },
  cluster: raw.cluster ?? {},
  state: {
    keys,
    ttlMs: durationOr(raw.state?.ttl, limits.stateTtlMs),
  },
  tasks: {
    ttlMs: durationOr(raw.tasks?.ttl, limits.taskTtlMs),
    max: raw.tasks?.max ?? limits.maxTasks,
    maxRunning: raw.tasks?.max_running ?? limits.maxRunningTasks,
    pollMs: durationOr(raw.tasks?.poll_interval, limits.taskPollMs),
  },
  ...(raw.oauth?.state !== undefined && { oauth: { state: resolve(baseDir, raw.oauth.state) } }),
  network: toNetwork(raw.network),
  http: toHttpSettings(raw.http ?? {}),
  transports: toTransports(raw.transports ?? {}),
  streams: toStreams(raw.streams ?? {}),
  buffers: toBuffers(raw.buffers ?? {}),
  pageSize: raw.page_size ?? limits.pageSize,
  maxCallMs: durationOr(raw.timeouts?.max_call, limits.maxCallMs),
  drainDelayMs: durationOr(raw.drain_delay, 0),
  drainTimeoutMs: durationOr(raw.drain_timeout, limits.drainTimeoutMs),
  log: { level: raw.log?.level ?? 'info', format: raw.log?.format ?? 'auto' },
  ...(raw.analytics !== undefined && { analytics: toAnalytics(raw.analytics, baseDir) }),
  ...(raw.audit !== undefined && { audit: toAudit(raw.audit, baseDir) }),
  telemetry: toTelemetry(raw.telemetry ?? {}, env),
  inactive,
  notes,
});

const durationOr = (written: string | number | undefined, byDefault: number): number =>
  written === undefined ? byDefault : milliseconds(written);

const sizeOr = (written: string | number | undefined, byDefault: number): number =>
  written === undefined ? byDefault : bytes(written);

const toStreams = (raw: NonNullable<RawConfig['streams']>): StreamSettings => ({
  perClient: raw.per_client ?? limits.streamsPerClient,
  perSession: raw.per_session ?? limits.streamsPerSession,
  perServer: raw.per_server ?? limits.streamsPerServer,
  listen: raw.listen ?? limits.listenStreams,
  resources: raw.resources ?? limits.watchedResources,
  resourcesPerClient: raw.resources_per_client ?? limits.watchedPerClient,
  resourcesPerServer: raw.resources_per_server ?? limits.watchedPerServer,
  asks: raw.asks ?? limits.asksPerSession,
  parked: raw.parked ?? limits.parkedCalls,
});

const toBuffers = (raw: NonNullable<RawConfig['buffers']>): BufferSettings => ({
  bodiesBytes: sizeOr(raw.bodies, limits.bodiesInFlightBytes),
  sessionEventsBytes: sizeOr(raw.session_events, limits.maxKeptBytes),
  eventsBytes: sizeOr(raw.events, limits.maxKeptTotalBytes),
  awayBytes: sizeOr(raw.away, limits.awayBytes),
  webSocketBytes: sizeOr(raw.websocket, limits.webSocketBytes),
  backendMessageBytes: sizeOr(raw.backend_message, limits.backendMessageBytes),
});

const toHttpSettings = (raw: NonNullable<RawConfig['http']>): HttpSettings => ({
  maxBodyBytes: sizeOr(raw.max_body, limits.maxBodyBytes),
  maxDepth: raw.max_depth ?? limits.maxDepth,
  maxBatch: raw.max_batch ?? limits.maxBatch,
  heartbeatMs: durationOr(raw.heartbeat, limits.heartbeatMs),
  slowClientTimeoutMs: durationOr(raw.slow_client_timeout, limits.slowClientTimeoutMs),
  requestTimeoutMs: durationOr(raw.request_timeout, limits.requestTimeoutMs),
  maxConnections: raw.max_connections ?? limits.maxConnections,
  trustedProxies: raw.trusted_proxies ?? [],
  allowedOrigins: raw.allowed_origins ?? [],
  allowedHosts: raw.allowed_hosts ?? [],
});

const toTransports = (raw: NonNullable<RawConfig['transports']>): TransportSettings => ({
  webSocket: { enabled: raw.websocket?.enabled ?? true },
  legacySse: {
    enabled: raw.legacy_sse?.enabled ?? true,
    path: raw.legacy_sse?.path ?? '/sse',
    messagesPath: raw.legacy_sse?.messages_path ?? '/messages',
  },
  maxCallsPerConnection: raw.max_calls_per_connection ?? limits.maxCallsPerConnection,
});

const toNamespaces = (raw: NonNullable<RawConfig['namespaces']>): NamespaceSettings[] =>
  Object.entries(raw).map(([name, { servers, tools, prefixed, tool_search: search }]) => ({
    name,
    servers,
    ...(tools?.allowed !== undefined && { allowed: tools.allowed }),
    denied: tools?.denied ?? [],
    ...toToolSearch(search),
    // Where there is one server, names need no prefix to tell them apart.
    prefixed: prefixed ?? servers.length > 1,
  }));
