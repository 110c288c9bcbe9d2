import type { LimitState, Tenants as TenantsData } from '../api/contract.js';
import { useResource } from '../api/useResource.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { Empty } from '../parts/empty.js';
import { Facts } from '../parts/facts.js';
import { Loaded } from '../parts/loaded.js';
import { Panel } from '../parts/panel.js';
import { Table, type Column } from '../parts/table.js';
import { View } from '../parts/view.js';

/** Tenants with what they have used, and the limits that hold for all. */
export const Tenants = () => {
  const asked = useResource<TenantsData>('/tenants');
  return (
    <View
      title="Tenants"
      about="Who shares this gateway, how far apart they are kept, and what is left of their quotas."
      actions={
        <button type="button" onClick={asked.reload}>
          Read again
        </button>
      }
    >
      <Loaded of={asked}>
        {({ tenants, limits }) => (
          <>
            {tenants.length === 0 ? (
              <Panel title="Tenants">
                <Empty title="No tenants">
                  Everybody sees the same. <code>tenants:</code> in the configuration keeps groups of callers
                  apart.
                </Empty>
              </Panel>
            ) : (
              <div class="columns">
                {tenants.map((tenant) => (
                  <Panel key={tenant.name} title={tenant.name} flush>
                    <div class="panel-text">
                      <Facts
                        of={{
                          Isolation: tenant.isolation,
                          Users: tenant.users === undefined ? undefined : format.count(tenant.users),
                          Calls: (
                            <a href={href('calls', { tenant: tenant.name, by: 'user' })}>
                              {format.count(tenant.calls)}
                            </a>
                          ),
                          Failed: format.percent(tenant.errors, tenant.calls),
                          Servers: tenant.servers.join(', '),
                        }}
                      />
                    </div>
                    {tenant.limits.length === 0 ? null : <Limits of={tenant.limits} what={tenant.name} />}
                  </Panel>
                ))}
              </div>
            )}
            <Panel title="Limits for everybody" flush>
              {limits.length === 0 ? (
                <Empty title="No limits">
                  <code>rate_limits:</code> in the configuration bounds what a caller may do.
                </Empty>
              ) : (
                <Limits of={limits} what="everybody" />
              )}
            </Panel>
          </>
        )}
      </Loaded>
    </View>
  );
};

const columns: readonly Column<LimitState>[] = [
  { name: 'Limit', cell: ({ limit }) => <code>{limit}</code> },
  { name: 'For each', cell: ({ by }) => by },
  {
    name: 'Most',
    numeric: true,
    cell: ({ max, window_s }) =>
      max === undefined ? format.none : `${format.count(max)} in ${format.duration(window_s ?? 1)}`,
  },
  { name: 'Left', numeric: true, cell: ({ remaining }) => format.count(remaining) },
  { name: 'Resets', cell: ({ resets }) => format.time(resets) },
];

const Limits = ({ of, what }: { readonly of: readonly LimitState[]; readonly what: string }) => (
  <Table
    caption={`Limits of ${what}`}
    columns={columns}
    rows={of}
    keyOf={({ limit, by }) => `${limit} ${by}`}
  />
);
