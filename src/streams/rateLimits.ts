import type { AccessSettings } from '../config/accessSettings.js';
import type { LimitedBy, RateLimitSettings, ScopedLimitSettings } from '../config/rateLimitSettings.js';
import type { Settings } from '../config/settings.js';
import { anyOf } from '../protocol/glob.js';
import { exposedName } from '../protocol/names.js';
import { callerKey } from './callerKey.js';
import type { ClientAddress } from './clientAddress.js';
import type { Limit } from './counters.js';
import type { Authenticated, Exchange, Principal, Resolved, Target } from './exchange.js';
import { kept } from './kept.js';
import { meteredAs, type Meter } from './meteredAs.js';
import { rateLimitKey } from './rateLimitKey.js';
import type { ServerState } from './serverState.js';

/** What a message takes from one limit. */
export interface Claim {
  readonly key: string;
  /** What the limit is called where it is told of. */
  readonly name: string;
  readonly by: LimitedBy;
  readonly limit: Limit;
  readonly isQuota: boolean;
}

/** Which limits a message has to pass; the narrowest first, for what one refuses takes nothing from those behind it. */
export interface RateLimits {
  /** Those that hold for whatever a caller sends. */
  ofMessage(exchange: Exchange & Authenticated): readonly Claim[];
  /** Those of the server, of the tool, and the quotas of the tenant. */
  ofCall(exchange: Exchange & Authenticated & Resolved): readonly Claim[];
  /** What a policy says of how often a minute this caller may call this. */
  ofPolicy(
    exchange: Exchange & Authenticated & Resolved,
    policy: string,
    perMinute: number,
  ): readonly Claim[];
}

/** So much more than of calls there may be of requests that only ask what there is, and again of notifications. */
const cheapFactor = 10;

/**
 * Compiles the limits of a configuration; those of servers and tools come with these.
 *
 * @param addressOf finds the address of who has not said who he is
 */
export const rateLimits = (
  settings: Pick<Settings, 'limits' | 'access' | 'naming'>,
  addressOf: ClientAddress,
): RateLimits => {
  const { limits = [], access, naming } = settings;
  const everywhere = narrowFirst(limits.filter((limit) => isGlobal(limit) && limit.by !== 'tool'));
  const named = limits.filter((limit) => !everywhere.includes(limit));
  const quotas = quotasOf(access);
  const found = new WeakMap<ServerState, Map<string, readonly RateLimitSettings[]>>();

  /** Of callers who are themselves wherever they call from: a key that is made once is hashed once. */
  const known = new WeakMap<Principal, Map<Metered, Claim>>();
  const claimOf = (
    setting: RateLimitSettings,
    exchange: Exchange & Authenticated,
    meter: Meter,
    target?: Target,
  ): Claim => {
    const { name, by, kind } = setting;
    const { principal } = exchange;
    const facts = metered(setting, meter);
    const claim = (): Claim => {
      const whose = by === 'tool' ? thingOf(target) : callerKey(by, exchange, addressOf);
      return { key: rateLimitKey(name, meter, whose), by, isQuota: kind !== 'bucket', ...facts };
    };
    if (by === 'tool' || by === 'ip' || principal.anonymous === true) return claim();
    return kept(
      kept(known, principal, () => new Map<Metered, Claim>()),
      facts,
      claim,
    );
  };
  const about = (target: Target): readonly RateLimitSettings[] => {
    const { server, tool, rule } = target;
    const byTool = kept(found, server, () => new Map<string, readonly RateLimitSettings[]>());
    return kept(byTool, tool?.name ?? '', () => {
      const fitting = named.filter((limit) => isAbout(limit, target, naming.separator));
      const own = [rule?.rateLimit, server.settings.rateLimit].filter((limit) => limit !== undefined);
      return narrowFirst([...own, ...fitting]);
    });
  };
  return {
    ofMessage(exchange) {
      const meter = everywhere.length === 0 ? undefined : meteredAs(exchange.message);
      return meter === undefined ? none : everywhere.map((limit) => claimOf(limit, exchange, meter));
    },
    ofCall(exchange) {
      const { target, principal, message } = exchange;
      const own = about(target);
      const ofTenant = quotas.get(principal.tenant ?? '') ?? none;
      if (own.length === 0 && ofTenant.length === 0) return none;
      const meter = meteredAs(message) ?? 'requests';
      // Quotas are of calls only: what is asked besides costs next to nothing.
      const all = meter === 'calls' ? [...own, ...ofTenant] : own;
      return all.map((limit) => claimOf(limit, exchange, meter, target));
    },
    ofPolicy(exchange, policy, perMinute) {
      const name = `opa.${policy}`;
      const whose = callerKey('user', exchange, addressOf);
      const key = [name, whose, thingOf(exchange.target)].join('\n');
      const limit = { kind: 'bucket', max: perMinute, windowMs: 60_000 } as const;
      return [{ key, name, by: 'user', limit, isQuota: false }];
    },
  };
};

/** From what is one caller's to what is everybody's. */
const breadths: readonly LimitedBy[] = ['user', 'client', 'ip', 'tenant', 'tool', 'all'];

const narrowFirst = <L extends RateLimitSettings>(limits: readonly L[]): readonly L[] =>
  [...limits].sort((a, b) => breadths.indexOf(a.by) - breadths.indexOf(b.by));

const none: readonly never[] = Object.freeze([]);

const isGlobal = ({ either, servers, tools }: ScopedLimitSettings): boolean =>
  either === undefined && servers === undefined && tools === undefined;

const quotasOf = (access: AccessSettings | undefined): ReadonlyMap<string, readonly RateLimitSettings[]> =>
  new Map(access?.tenants?.map(({ name, quotas = none }) => [name, quotas]));

const isAbout = (
  { either, servers, tools }: ScopedLimitSettings,
  { server, tool }: Target,
  separator: string,
): boolean => {
  const { name, prefix } = server.settings;
  const isNamed = (patterns: readonly string[]): boolean => {
    const fits = anyOf(patterns);
    return tool !== undefined && (fits(tool.name) || fits(exposedName(prefix, separator, tool.name)));
  };
  if (either !== undefined) return either === name || isNamed([either]);
  return (servers?.includes(name) ?? true) && (tools === undefined || isNamed(tools));
};

/** What is counted by what is called: a tool, or all else of its server, for others could make up names. */
const thingOf = (target: Target | undefined): string =>
  `tool ${JSON.stringify([target?.server.settings.name, target?.tool?.name])}`;

interface Metered {
  readonly name: string;
  readonly limit: Limit;
}

const meters = new WeakMap<RateLimitSettings, Readonly<Record<Meter, Metered>>>();

const metered = (setting: RateLimitSettings, meter: Meter): Metered =>
  kept(meters, setting, () => {
    const { name, kind, max, windowMs } = setting;
    const cheap = { kind, max: max * cheapFactor, windowMs };
    return {
      calls: { name, limit: { kind, max, windowMs } },
      requests: { name: `${name} (other requests)`, limit: cheap },
      notifications: { name: `${name} (notifications)`, limit: cheap },
    };
  })[meter];
