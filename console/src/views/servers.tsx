import { useEffect } from 'preact/hooks';
import type { InstanceState, ServerState } from '../api/contract.js';
import { live } from '../api/live.js';
import { useResource } from '../api/useResource.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { route } from '../route.js';
import { Badge } from '../parts/badge.js';
import { Empty } from '../parts/empty.js';
import { Loaded } from '../parts/loaded.js';
import { Notices } from '../parts/notices.js';
import { Panel } from '../parts/panel.js';
import { Table, type Column } from '../parts/table.js';
import { View } from '../parts/view.js';

/** Every server with its instances: health, breaker, latency, and what is wrong with them. What is down comes first. */
export const Servers = () => {
  const asked = useResource<{ readonly servers: readonly ServerState[] }>('/servers');
  const known = live.servers.value;
  const servers = known.size > 0 ? [...known.values()] : asked.data?.servers;
  const [, chosen] = route.value.path;
  useEffect(() => {
    if (chosen !== undefined) document.getElementById(`server-${chosen}`)?.scrollIntoView();
  }, [chosen, servers === undefined]);
  return (
    <View title="Servers" about={servers === undefined ? undefined : summary(servers)}>
      <Loaded
        of={
          servers === undefined
            ? { ...asked, data: undefined }
            : { ...asked, data: servers, error: undefined, loading: false }
        }
      >
        {(all) =>
          all.length === 0 ? (
            <Empty title="No servers">
              Name some beneath <code>servers:</code> in the configuration, or let Consul find them.
            </Empty>
          ) : (
            all.toSorted(worstFirst).map((server) => <Server key={server.name} of={server} />)
          )
        }
      </Loaded>
    </View>
  );
};

const ranks = ['down', 'degraded', 'starting', 'up'];
const worstFirst = (a: ServerState, b: ServerState): number =>
  ranks.indexOf(a.status) - ranks.indexOf(b.status) || a.name.localeCompare(b.name);

const summary = (servers: readonly ServerState[]): string => {
  const instances = servers.flatMap((server) => server.instances);
  const down = servers.filter(({ status }) => status === 'down').length;
  const open = instances.filter(({ breaker }) => breaker === 'open').length;
  return [
    `${format.count(servers.length)} servers, ${format.count(instances.length)} instances`,
    ...(down === 0 ? [] : [`${down} down`]),
    ...(open === 0 ? [] : [`${open} with an open breaker`]),
  ].join(' · ');
};

const Server = ({ of }: { readonly of: ServerState }) => (
  <div id={`server-${of.name}`} class="anchor">
    <Panel
      title={of.name}
      flush
      actions={
        <span class="inline">
          <Badge word={of.status} />
          <span class="quiet">
            {of.kind}
            {of.era === undefined ? '' : ` · ${of.era}`} · from {of.source}
          </span>
        </span>
      }
    >
      <p class="panel-text">
        <a href={href('tools', { server: of.name })}>{format.count(of.tools)} tools</a>,{' '}
        {format.count(of.resources)} resources, {format.count(of.prompts)} prompts ·{' '}
        <a href={href('calls', { server: of.name })}>calls</a>, {format.count(of.calls_in_flight)} in flight
      </p>
      {of.error === undefined ? null : <p class="panel-text fault">{of.error}</p>}
      {of.notices.length === 0 ? null : (
        <div class="panel-text">
          <Notices of={of.notices} />
        </div>
      )}
      {of.instances.length === 0 ? (
        <Empty title="No instances">Calls to this server are refused until one is there.</Empty>
      ) : (
        <Table
          caption={`Instances of ${of.name}`}
          columns={columns}
          rows={of.instances}
          keyOf={({ id }) => id}
        />
      )}
    </Panel>
  </div>
);

const columns: readonly Column<InstanceState>[] = [
  { name: 'Instance', cell: ({ id }) => <code>{id}</code> },
  { name: 'Health', cell: ({ health }) => <Badge word={health} /> },
  { name: 'Breaker', cell: ({ breaker }) => <Badge word={breaker} /> },
  { name: 'Latency', numeric: true, cell: ({ latency_ms }) => format.ms(latency_ms) },
  {
    name: 'In flight',
    numeric: true,
    wideOnly: true,
    cell: ({ calls_in_flight }) => format.count(calls_in_flight),
  },
  { name: 'Last error', wideOnly: true, cell: ({ last_error }) => last_error ?? format.none },
];
