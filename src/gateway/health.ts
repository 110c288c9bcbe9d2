import type { DiscoveryHealth } from './discovering.js';
import type { Judging } from './judgingOf.js';
import type { PolicyHealth } from './livePolicy.js';
import { noticing } from './noticing.js';
import { shadowings, type Shadowing } from './shadowings.js';
import { sharedNames, type SharedName } from './sharedNames.js';
import type { Bulkheads } from '../streams/bulkheads.js';
import { isDown } from '../streams/balancing/isDown.js';
import type { ByteBudget } from '../streams/byteBudget.js';
import type { Catalog } from '../streams/catalog.js';
import type { Instance, Instances, ServerState, Staleness } from '../streams/serverState.js';
import type { Latest } from '../streams/latest.js';
import type { LiveCalls } from '../streams/liveCalls.js';
import type { SessionStore } from '../streams/sessions.js';

/** One server as the health endpoints show it. */
export interface ServerHealth {
  readonly name: string;
  readonly type: string;
  /** `starting` until it has answered or failed once; `down` too while none of its instances serves, or it has none. */
  readonly status: 'starting' | 'healthy' | 'stale' | 'down';
  readonly tools: number;
  readonly revision?: string;
  readonly since?: string;
  readonly reason?: string;
  readonly warnings?: readonly string[];
  /** What discovery knows of it: group, version, … */
  readonly discovered?: Readonly<Record<string, string>>;
  /** Where its addresses are looked up in DNS: `stale` while the last good ones are used, `down` while there are none. */
  readonly dns?: {
    readonly status: 'starting' | 'healthy' | 'stale' | 'down';
    readonly addresses: number;
    readonly since?: string;
    readonly reason?: string;
  };
  /** One for each address, where there are several or pings are configured. */
  readonly instances?: readonly InstanceHealth[];
}

/** One instance as the health endpoints show it. */
export interface InstanceHealth {
  readonly id: string;
  /** What pings show; `unknown` before the first, or where none are sent. */
  readonly status: 'unknown' | 'healthy' | 'degraded' | 'unhealthy';
  /** Pings missed in a row. */
  readonly missed_pings: number;
  readonly ping_ms?: number;
  readonly breaker: 'closed' | 'open' | 'half-open';
  /** Calls that failed in a row. */
  readonly failures: number;
  /** Time to the first reply of a call, smoothed. */
  readonly latency_ms?: number;
  /** Calls under way. */
  readonly calls: number;
}

/** The workers of a gateway that has several. */
export interface WorkersHealth {
  readonly wanted: number;
  /** How many serve. */
  readonly ready: number;
  /** How many have ended and were replaced, since the start. */
  readonly replaced: number;
  /** Whether they end again and again, soon after their start. */
  readonly crash_loop: boolean;
  readonly each: readonly {
    readonly worker: number;
    readonly pid: number | undefined;
    /** `silent`: it does not answer. */
    readonly status: 'starting' | 'listening' | 'ready' | 'leaving' | 'silent';
    readonly calls?: number;
    readonly streams?: number;
  }[];
}

export interface Health {
  readonly status: 'ok' | 'draining';
  readonly version: string;
  readonly uptime_s: number;
  readonly calls: number;
  readonly streams: number;
  readonly sessions: number;
  /** Undefined for one that is one process. */
  readonly workers?: WorkersHealth;
  /** Whether the cluster that keeps the sessions can be reached; absent where they are in memory. */
  readonly cluster?: 'connected' | 'away';
  readonly servers: readonly ServerHealth[];
  /** Undefined where nothing is discovered. */
  readonly discovery?: DiscoveryHealth;
  /** Sources of policies; absent where there are none. */
  readonly policies?: readonly PolicyHealth[];
  /** `full`: calls are refused because no record of them can be kept (`audit.on_overload: wait`); absent while they are taken. */
  readonly audit?: 'full';
  /** What an operator has to see to, in words; absent where there is nothing. */
  readonly notices?: readonly string[];
}

export interface HealthSources {
  readonly catalog: Latest<Catalog>;
  readonly calls: LiveCalls;
  readonly bulkheads: Bulkheads;
  readonly bodies: Pick<ByteBudget, 'used'>;
  readonly sessions: SessionStore;
  readonly cluster?: () => 'connected' | 'away' | undefined;
  readonly version: string;
  readonly discovery?: () => DiscoveryHealth | undefined;
  readonly policies?: Judging;
  readonly notices?: () => readonly string[];
  /** Whether no call begins because no record of it can be kept. */
  readonly isFull?: () => boolean;
  readonly isDraining: () => boolean;
}

/** The state of the gateway and of each server, without addresses. */
export const health = (sources: HealthSources): Health => {
  const { catalog, calls, sessions, version, isDraining } = sources;
  const cluster = sources.cluster?.();
  const discovery = sources.discovery?.();
  const policies = sources.policies?.health();
  const notices = sources.notices?.() ?? [];
  const shared = sharedNames(catalog.current);
  const shadows = shadowings(catalog.current);
  const servers = catalog.current.servers.map((server) => serverHealth(server, shared, shadows));
  return {
    status: isDraining() ? 'draining' : 'ok',
    version,
    uptime_s: Math.round(process.uptime()),
    calls: calls.pending,
    streams: calls.size - calls.pending,
    sessions: sessions.size,
    ...(cluster !== undefined && { cluster }),
    servers,
    ...(discovery !== undefined && { discovery: noticing(discovery, servers) }),
    ...(policies !== undefined && { policies }),
    ...(sources.isFull?.() === true && { audit: 'full' as const }),
    ...(notices.length > 0 && { notices }),
  };
};

const serverHealth = (
  { settings, offer, stale, instances }: ServerState,
  shared: readonly SharedName[],
  shadows: readonly Shadowing[],
): ServerHealth => ({
  name: settings.name,
  type: settings.type,
  ...(settings.discovered !== undefined && { discovered: settings.discovered }),
  ...standingOf(statusOf(offer !== undefined, stale), stale, instances),
  tools: offer?.tools.length ?? 0,
  ...(offer === undefined ? undefined : { revision: offer.revision }),
  ...warned([
    ...(offer?.warnings ?? []),
    ...shared.filter(({ hidden }) => hidden === settings.name).map(given),
    ...shadows.filter(({ server }) => server === settings.name).map(shadowed),
  ]),
  ...('dns' in settings && { dns: dnsHealth(instances) }),
  ...(instances.current.every(({ standing }) => standing === undefined)
    ? undefined
    : { instances: instances.current.flatMap(instanceHealth) }),
});

const warned = (warnings: readonly string[]): Pick<ServerHealth, 'warnings'> =>
  warnings.length === 0 ? {} : { warnings };

const given = ({ tool, server, instead }: SharedName): string =>
  `\`${server}\` has a tool \`${tool}\` already: that of this server is called \`${instead}\`, and so is any other they share`;

const shadowed = ({ tool, how, other, of }: Shadowing): string =>
  how === 'look_alike'
    ? `Tool \`${tool}\` looks like \`${of}\` of \`${other}\``
    : `The description of tool \`${tool}\` speaks of \`${of}\` of \`${other}\``;

/** What its offer and its instances say of it together. */
const standingOf = (
  offered: ServerHealth['status'],
  stale: Staleness | undefined,
  { current, stale: lookup }: Instances,
): Pick<ServerHealth, 'status' | 'since' | 'reason'> => {
  if (current.length === 0 && (offered !== 'starting' || lookup !== undefined))
    return { status: 'down', ...why(lookup ?? stale) };
  if (current.length > 0 && current.every(isDown))
    return { status: 'down', ...why(stale), ...(stale === undefined && { reason: unreached }) };
  return { status: offered, ...why(stale) };
};

const unreached = 'No instance answers';

const instanceHealth = ({ id, standing }: Instance): InstanceHealth[] => {
  if (standing === undefined) return [];
  const { breaker, health, outstanding, latencyMs, failures } = standing.view;
  return [
    {
      id,
      status: health.status,
      missed_pings: health.failures,
      ...(health.latencyMs !== undefined && { ping_ms: health.latencyMs }),
      breaker,
      failures,
      ...(latencyMs !== undefined && { latency_ms: Math.round(latencyMs * 10) / 10 }),
      calls: outstanding,
    },
  ];
};

const dnsHealth = ({ current, stale }: Instances): NonNullable<ServerHealth['dns']> => ({
  status: statusOf(current.length > 0, stale),
  addresses: current.length,
  ...why(stale),
});

const statusOf = (known: boolean, stale: Staleness | undefined): ServerHealth['status'] => {
  if (stale !== undefined) return known ? 'stale' : 'down';
  return known ? 'healthy' : 'starting';
};

const why = (stale: Staleness | undefined): { since?: string; reason?: string } =>
  stale === undefined ? {} : { since: new Date(stale.since).toISOString(), reason: stale.reason };

/**
 * Ready: discovery has been complete once, every server has answered or failed once, the policies can be asked (those of discovered
 * services apart: their faults are their own), a worker serves if there are any, calls can be recorded where they must be, and the gateway is not shutting down.
 */
export const isReady = ({ status, servers, discovery, policies = [], workers, audit }: Health): boolean =>
  status === 'ok' &&
  audit === undefined &&
  (workers === undefined || workers.ready > 0) &&
  (discovery === undefined || discovery.status === 'healthy' || discovery.status === 'stale') &&
  policies.every(
    ({ name, status: its }) =>
      its === 'healthy' ||
      its === 'stale' ||
      its === 'unreachable' ||
      servers.some((one) => one.name === name && one.discovered !== undefined),
  ) &&
  servers.every((server) => server.status !== 'starting');
