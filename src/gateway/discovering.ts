import {
  combineLatest,
  distinctUntilChanged,
  filter,
  firstValueFrom,
  map,
  of,
  pairwise,
  scan,
  Subscription,
  switchMap,
} from 'rxjs';
import type { NamespaceSettings, Settings } from '../config/settings.js';
import { fromConsul } from '../sources/consul/fromConsul.js';
import { nothingDiscovered, type Discovery } from '../sources/consul/discovery.js';
import { drain } from '../streams/drain.js';
import { latest, type Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';

/** Discovery as the health endpoints show it; without addresses. */
export interface DiscoveryHealth {
  /** `starting` until the first picture is complete, `down` if there never was one, `stale` while the last one may be out of date. */
  readonly status: 'starting' | 'healthy' | 'stale' | 'down';
  readonly services: number;
  /** Questions held open at the agent. */
  readonly watches: number;
  readonly since?: string;
  readonly reason?: string;
  /** By service: what was left out, and what is not done that it asks for. */
  readonly notices?: Readonly<Record<string, readonly string[]>>;
}

/** The configuration with what Consul adds to it. */
export interface Discovering {
  readonly settings: Latest<Settings>;
  /** Undefined where no discovery is configured. */
  health(): DiscoveryHealth | undefined;
  /** Resolves when discovery knows, or knows that it can't know, what there is. */
  answered(): Promise<unknown>;
  close(): void;
}

/** Follows the configuration and the services it has discovered. A configured server goes before a service of the same name. */
export const discovering = (configured: Latest<Settings>, log: Log): Discovering => {
  const consul = latest(
    configured.changes$.pipe(
      map(({ consul: settings }) => settings),
      distinctUntilChanged((a, b) => JSON.stringify(a) === JSON.stringify(b)),
      switchMap((settings) =>
        settings === undefined
          ? of({ found: nothingDiscovered, rules: '' })
          : fromConsul(settings).pipe(
              filter(({ answered }) => answered),
              map((found) => ({ found, rules: `${settings.policies} ${settings.signatures}` })),
            ),
      ),
      scan(keepLastGood),
      map(({ found }) => found),
    ),
    nothingDiscovered,
  );
  const merged = latest(
    combineLatest([configured.changes$, consul.changes$.pipe(distinctUntilChanged(sameServers))]).pipe(
      map(([settings, found]) => withDiscovered(settings, found)),
    ),
    withDiscovered(configured.current, consul.current),
  );
  let since: number | undefined;
  const telling = new Subscription();
  telling.add(
    drain(consul.changes$.pipe(pairwise()), ([before, now]) => {
      if (before.failure !== now.failure)
        since = now.failure === undefined ? undefined : (since ?? Date.now());
      tell(before, now, log);
    }),
  );
  return {
    settings: merged,
    health: () =>
      configured.current.consul === undefined ? undefined : discoveryHealth(consul.current, since),
    answered: () =>
      firstValueFrom(
        consul.changes$.pipe(filter(({ answered }) => answered || configured.current.consul === undefined)),
      ),
    close() {
      telling.unsubscribe();
      merged.close();
      consul.close();
    },
  };
};

/** A picture, and what decided which services may be in it. */
interface Picture {
  readonly found: Discovery;
  readonly rules: string;
}

/**
 * Where there never was a picture, because the agent's address has changed to a wrong one for instance, the one before it stays: not
 * one that was taken by other rules, which let services in that must not be there now.
 */
const keepLastGood = (before: Picture, { found, rules }: Picture): Picture => {
  const { ready, failure, watches } = found;
  if (ready || failure === undefined || rules !== before.rules) return { found, rules };
  return { found: { ...before.found, ready: false, answered: true, failure, watches }, rules };
};

const sameServers = (a: Discovery, b: Discovery): boolean =>
  a.servers.length === b.servers.length &&
  a.servers.every((server, index) => server === b.servers[index]) &&
  JSON.stringify([...a.namespaces]) === JSON.stringify([...b.namespaces]);

const withDiscovered = (settings: Settings, { servers, namespaces }: Discovery): Settings => {
  if (servers.length === 0) return settings;
  const configured = new Set(settings.servers.map(({ name }) => name));
  return {
    ...settings,
    servers: [...settings.servers, ...servers.filter(({ name }) => !configured.has(name))],
    namespaces: joined(settings.namespaces, namespaces),
  };
};

/** A service may join a namespace that is configured, whose access lists hold for it too, or make one. */
const joined = (
  configured: readonly NamespaceSettings[],
  found: ReadonlyMap<string, readonly string[]>,
): readonly NamespaceSettings[] => {
  const names = new Set(configured.map(({ name }) => name));
  const made = [...found].filter(([name]) => !names.has(name));
  return [
    ...configured.map((namespace) => ({
      ...namespace,
      servers: [...new Set([...namespace.servers, ...(found.get(namespace.name) ?? [])])],
    })),
    ...made.map(([name, servers]) => ({ name, servers, denied: [], prefixed: true })),
  ];
};

const discoveryHealth = (
  { ready, answered, failure, servers, watches, notices }: Discovery,
  since: number | undefined,
): DiscoveryHealth => ({
  status: statusOf(ready, answered, failure),
  services: servers.length,
  watches,
  ...(since !== undefined && { since: new Date(since).toISOString() }),
  ...(failure !== undefined && { reason: failure }),
  ...(notices.size > 0 && { notices: Object.fromEntries(notices) }),
});

const statusOf = (
  ready: boolean,
  answered: boolean,
  failure: string | undefined,
): DiscoveryHealth['status'] => {
  if (failure !== undefined) return ready ? 'stale' : 'down';
  return ready && answered ? 'healthy' : 'starting';
};

const tell = (before: Discovery, now: Discovery, log: Log): void => {
  if (now.failure !== undefined && before.failure !== now.failure)
    log.warn({ event: 'consul_failed', reason: now.failure }, `${now.failure}: what was known last stays`);
  if (now.failure === undefined && before.failure !== undefined)
    log.info({ event: 'consul_back' }, 'Consul answers again');
  const known = new Set(before.servers);
  for (const server of now.servers)
    if (!known.has(server))
      log.info(
        { event: 'service_discovered', server: server.name, ...server.discovered },
        'A service is offered',
      );
  const names = new Set(now.servers.map(({ name }) => name));
  for (const { name } of before.servers)
    if (!names.has(name)) log.info({ event: 'service_gone', server: name }, 'A service is offered no more');
  for (const [server, notices] of now.notices)
    if (String(before.notices.get(server)) !== String(notices))
      for (const notice of notices)
        log[names.has(server) ? 'warn' : 'error']({ event: 'service_notice', server }, notice);
};
