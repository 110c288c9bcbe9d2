import type { CallGroups as Groups } from '../api/contract.js';
import { useResource } from '../api/useResource.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { Badge } from '../parts/badge.js';
import { Caller } from '../parts/caller.js';
import { Empty } from '../parts/empty.js';
import { Loaded } from '../parts/loaded.js';
import { Panel } from '../parts/panel.js';
import { Share } from '../parts/share.js';
import { Table } from '../parts/table.js';

const sum = (groups: Groups['groups']): number => groups.reduce((all, { calls }) => all + calls, 0);

const noneOf = (by: string) => (by === 'user' ? <Caller user={undefined} /> : `no ${by}`);

interface CallGroupsProps {
  readonly by: string;
  readonly asked: string;
  readonly query: URLSearchParams;
}

/** Calls counted by one of their properties, the most first; each count is a link to its calls. */
export const CallGroups = ({ by, asked, query }: CallGroupsProps) => {
  const groups = useResource<Groups>(`/calls/groups?by=${encodeURIComponent(by)}${asked}`);
  const calls = (key: string | null): string =>
    href('calls', {
      ...Object.fromEntries(query),
      by: '',
      ...(key === null ? { without: by } : { [by]: key }),
    });
  return (
    <Panel
      title={`Calls by ${by}`}
      flush
      actions={
        <button type="button" class="small" onClick={groups.reload}>
          Count again
        </button>
      }
    >
      <Loaded of={groups}>
        {({ groups: rows }) =>
          rows.length === 0 ? (
            <Empty title="No call fits">Take a filter out.</Empty>
          ) : (
            <Table
              caption={`Calls by ${by}, ${format.count(sum(rows))} in all`}
              rows={rows}
              keyOf={({ key }) => key ?? ''}
              columns={[
                {
                  name: by.charAt(0).toUpperCase() + by.slice(1),
                  cell: ({ key }) => (
                    <a href={calls(key)}>
                      {key === null ? noneOf(by) : by === 'outcome' ? <Badge word={key} /> : key}
                    </a>
                  ),
                },
                {
                  name: 'Calls',
                  numeric: true,
                  cell: (group) => (
                    <>
                      <strong>{format.count(group.calls)}</strong>
                      <Share part={group.calls} bad={group.errors} all={sum(rows)} />
                    </>
                  ),
                },
                { name: 'Failed', numeric: true, cell: ({ errors }) => format.count(errors) },
                { name: 'p95', numeric: true, wideOnly: true, cell: ({ p95_ms }) => format.ms(p95_ms) },
                { name: 'First', wideOnly: true, cell: ({ first }) => format.time(first) },
                { name: 'Last', cell: ({ last }) => format.time(last) },
              ]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
};
