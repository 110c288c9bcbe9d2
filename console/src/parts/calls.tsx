import type { CallSummary } from '../api/contract.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { Badge } from './badge.js';
import { Caller } from './caller.js';
import { Table, type Column } from './table.js';

const columns: readonly Column<CallSummary>[] = [
  { name: 'Time', cell: ({ id, time }) => <a href={href(['calls', id])}>{format.time(time)}</a> },
  {
    name: 'What',
    cell: ({ method, tool }) =>
      tool === undefined ? <span class="quiet">{method}</span> : <code>{tool}</code>,
  },
  {
    name: 'User',
    wideOnly: true,
    cell: ({ user, client }) => <Caller user={user} client={client} />,
  },
  { name: 'Server', wideOnly: true, cell: ({ server }) => server ?? format.none },
  {
    name: 'Outcome',
    cell: ({ outcome, error }) => (
      <>
        <Badge word={outcome} />
        {error === undefined ? null : <code class="code wide-only">{error}</code>}
      </>
    ),
  },
  { name: 'Attempts', wideOnly: true, numeric: true, cell: ({ attempts }) => format.count(attempts) },
  { name: 'Took', numeric: true, cell: ({ duration_ms }) => format.ms(duration_ms) },
];

/** Calls, one a line, each a link to all that is known of it. */
export const Calls = ({ of, caption }: { readonly of: readonly CallSummary[]; readonly caption: string }) => (
  <Table caption={caption} columns={columns} rows={of} keyOf={({ id }) => id} />
);
