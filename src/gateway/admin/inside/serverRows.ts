import type { Catalog } from '../../../streams/catalog.js';
import type { Exchange } from '../../../streams/exchange.js';
import type { Instance, ServerState } from '../../../streams/serverState.js';
import type { Health, InstanceHealth, ServerHealth } from '../../health.js';
import type { InstanceRow, ServerRow } from '../questions.js';

/** The servers, as the console shows them. @param isSeen which of them whoever asks may see */
export const serverRows = (
  { servers }: Catalog,
  health: Health,
  underWay: Iterable<Exchange>,
  isSeen: (server: string) => boolean,
): readonly ServerRow[] => {
  const facts = new Map(health.servers.map((server) => [server.name, server]));
  const calls = new Map<string, number>();
  for (const { notes } of underWay)
    if (notes.server !== undefined) calls.set(notes.server, (calls.get(notes.server) ?? 0) + 1);
  return servers.flatMap((server) => {
    const { name } = server.settings;
    const known = facts.get(name);
    return known === undefined || !isSeen(name) ? [] : [serverRow(server, known, calls.get(name) ?? 0)];
  });
};

const serverRow = (
  { settings, offer, instances }: ServerState,
  health: ServerHealth,
  calls: number,
): ServerRow => {
  const rows = instances.current.map((instance) =>
    instanceRow(
      instance,
      health,
      health.instances?.find(({ id }) => id === instance.id),
      calls,
    ),
  );
  const notices = [...(health.warnings ?? [])];
  if (health.dns?.reason !== undefined) notices.push(`Its addresses are not looked up: ${health.dns.reason}`);
  return {
    name: settings.name,
    kind: settings.type === 'rest' ? 'rest' : 'mcp',
    source: settings.discovered === undefined ? 'file' : 'consul',
    status: statusOf(health, rows),
    ...(health.revision !== undefined && { era: health.revision }),
    tools: health.tools,
    resources: offer?.resources.length ?? 0,
    prompts: offer?.prompts.length ?? 0,
    ...(health.reason !== undefined && { error: health.reason }),
    notices,
    calls_in_flight: calls,
    instances: rows,
  };
};

const statusOf = ({ status }: ServerHealth, instances: readonly InstanceRow[]): ServerRow['status'] => {
  if (status === 'starting' || status === 'down') return status;
  if (status === 'stale') return 'degraded';
  return instances.every((instance) => instance.status === 'up') ? 'up' : 'degraded';
};

const instanceRow = (
  { id }: Instance,
  server: ServerHealth,
  health: InstanceHealth | undefined,
  calls: number,
): InstanceRow => {
  // An only one of which the configuration says nothing has no pings and no breaker: it stands as its server does.
  if (health === undefined)
    return {
      id,
      status: server.status === 'down' ? 'down' : server.status === 'stale' ? 'degraded' : 'up',
      health: 'unknown',
      breaker: 'closed',
      calls_in_flight: calls,
      ...(server.reason !== undefined && { last_error: server.reason }),
    };
  const { status, breaker, failures, missed_pings: missed } = health;
  const troubles = [
    ...(failures > 0 ? [`${failures} calls in a row have failed`] : []),
    ...(missed > 0 ? [`${missed} pings in a row were missed`] : []),
  ];
  return {
    id,
    status:
      status === 'unhealthy' || breaker === 'open'
        ? 'down'
        : status === 'degraded' || breaker === 'half-open'
          ? 'degraded'
          : 'up',
    health: status === 'unknown' ? 'unknown' : status === 'unhealthy' ? 'failing' : 'passing',
    breaker,
    ...(health.latency_ms !== undefined && { latency_ms: health.latency_ms }),
    calls_in_flight: health.calls,
    ...(troubles.length > 0 && { last_error: troubles.join('; ') }),
  };
};
