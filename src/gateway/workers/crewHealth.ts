import type { DiscoveryHealth } from '../discovering.js';
import type { PolicyHealth } from '../livePolicy.js';
import { noticing } from '../noticing.js';
import type { Health, ServerHealth, WorkersHealth } from '../health.js';

export interface CrewHealthSources {
  readonly reports: readonly Health[];
  readonly workers: WorkersHealth;
  /** Sessions that the workers share; undefined where a cluster keeps them, which each of them sees as a whole. */
  readonly sessions: number | undefined;
  readonly version: string;
  readonly isDraining: boolean;
  readonly discovery: DiscoveryHealth | undefined;
}

const policiesOf = (reports: readonly Health[]): Pick<Health, 'policies'> => {
  const all = reports.flatMap(({ policies = [] }) => policies);
  const worst = worstOf(all);
  return worst.length === 0 ? {} : { policies: worst };
};

type Status = ServerHealth['status'] | PolicyHealth['status'];

const badness: readonly Status[] = ['healthy', 'starting', 'stale', 'unreachable', 'down'];

/** The health of several workers as one: calls and streams added up, each server as that worker sees it to which it looks worst. */
export const crewHealth = ({
  reports,
  workers,
  sessions,
  version,
  isDraining,
  discovery,
}: CrewHealthSources): Health => {
  const servers = worstOf(reports.flatMap((report) => report.servers));
  const notices = [...new Set(reports.flatMap((report) => report.notices ?? []))];
  const cluster = reports.flatMap(({ cluster: state }) => state ?? []);
  return {
    status: isDraining ? 'draining' : 'ok',
    version,
    uptime_s: Math.round(process.uptime()),
    calls: sum(reports.map(({ calls }) => calls)),
    streams: sum(reports.map(({ streams }) => streams)),
    sessions: sessions ?? Math.max(0, ...reports.map((report) => report.sessions)),
    workers,
    ...(cluster.length > 0 && { cluster: cluster.includes('away') ? 'away' : 'connected' }),
    servers,
    ...policiesOf(reports),
    ...(discovery !== undefined && { discovery: noticing(discovery, servers) }),
    // One that has room may be asked.
    ...(reports.length > 0 && reports.every(({ audit }) => audit === 'full') && { audit: 'full' as const }),
    ...(notices.length > 0 && { notices }),
  };
};

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);

const worstOf = <T extends { readonly name: string; readonly status: Status }>(
  all: readonly T[],
): readonly T[] => {
  const worst = new Map<string, T>();
  for (const one of all) {
    const known = worst.get(one.name);
    if (known === undefined || badness.indexOf(one.status) > badness.indexOf(known.status))
      worst.set(one.name, one);
  }
  return [...worst.values()];
};
