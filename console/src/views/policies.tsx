import type { Policies as PoliciesData } from '../api/contract.js';
import { useResource } from '../api/useResource.js';
import { format } from '../format.js';
import { Badge } from '../parts/badge.js';
import { Empty } from '../parts/empty.js';
import { Loaded } from '../parts/loaded.js';
import { Panel } from '../parts/panel.js';
import { Table, type Column } from '../parts/table.js';
import { View } from '../parts/view.js';
import { Explain } from './explain.js';

type Policy = PoliciesData['policies'][number];

/** The policies and what they decided, and the question why a call would be refused. */
export const Policies = () => {
  const asked = useResource<PoliciesData>('/policies');
  return (
    <View title="Policies" about="What decides over calls, and why a call is allowed or refused.">
      <Explain />
      <Panel title="Policies" flush>
        <Loaded of={asked}>
          {({ policies }) =>
            policies.length === 0 ? (
              <Empty title="No policies">
                Whoever may come in may call everything. <code>access:</code> and <code>policies:</code> in
                the configuration say otherwise.
              </Empty>
            ) : (
              <Table
                caption="Policies"
                columns={columns}
                rows={policies}
                keyOf={({ kind, name }) => `${kind} ${name}`}
              />
            )
          }
        </Loaded>
      </Panel>
    </View>
  );
};

const columns: readonly Column<Policy>[] = [
  { name: 'Policy', cell: ({ name }) => <code>{name}</code> },
  { name: 'Kind', cell: ({ kind }) => kind },
  {
    name: 'Status',
    cell: ({ status, reason }) => (
      <>
        <Badge word={status} /> {reason === undefined ? null : <span class="quiet">{reason}</span>}
      </>
    ),
  },
  { name: 'From', wideOnly: true, cell: ({ source }) => source ?? format.none },
  { name: 'Revision', wideOnly: true, cell: ({ revision }) => revision ?? format.none },
  { name: 'Allowed', numeric: true, cell: ({ decisions }) => format.count(decisions?.allowed) },
  { name: 'Denied', numeric: true, cell: ({ decisions }) => format.count(decisions?.denied) },
  {
    name: 'In the shadow',
    wideOnly: true,
    cell: ({ shadow }) =>
      shadow === undefined ? format.none : `would deny ${format.count(shadow.would_deny)}`,
  },
];
