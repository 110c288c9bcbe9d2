import { useState } from 'preact/hooks';
import type { ApiError } from '../api/apiError.js';
import { asApiError } from '../api/asApiError.js';
import type { SessionPage } from '../api/contract.js';
import { isAdmin } from '../api/isAdmin.js';
import { request } from '../api/request.js';
import { usePages } from '../api/usePages.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { Caller } from '../parts/caller.js';
import { Empty } from '../parts/empty.js';
import { Failure } from '../parts/failure.js';
import { Loaded } from '../parts/loaded.js';
import { More } from '../parts/more.js';
import { Panel } from '../parts/panel.js';
import { Table } from '../parts/table.js';
import { View } from '../parts/view.js';

type Session = SessionPage['sessions'][number];

/** Who is connected, with what; an administrator may end a session. */
export const Sessions = () => {
  const pages = usePages<SessionPage, Session>('/sessions?limit=100', ({ sessions }) => sessions);
  const [failed, setFailed] = useState<ApiError | undefined>(undefined);
  const end = async ({ digest, user, client }: Session): Promise<void> => {
    if (!confirm(`End the session of ${user ?? client ?? 'somebody unknown'}? What runs in it is cancelled.`))
      return;
    try {
      setFailed(undefined);
      await request(`/sessions/${encodeURIComponent(digest)}`, { method: 'DELETE' });
      pages.reload();
    } catch (error) {
      setFailed(asApiError(error));
    }
  };
  const mayEnd = isAdmin();
  return (
    <View
      title="Sessions"
      about="Connections that clients keep, by the digest of their id: the id itself is a secret."
      actions={
        <button type="button" onClick={pages.reload}>
          Read again
        </button>
      }
    >
      {failed === undefined ? null : <Failure error={failed} />}
      <Loaded of={pages}>
        {({ rows, last }) =>
          rows.length === 0 ? (
            <Empty title="No sessions">
              Clients of the revisions up to 2025-11-25 open one when they connect; newer ones need none.
            </Empty>
          ) : (
            <Panel title={`${format.count(last.total)} open`} flush>
              <Table
                caption="Sessions"
                rows={rows}
                keyOf={({ digest }) => digest}
                columns={[
                  {
                    name: 'Session',
                    cell: ({ digest }) => (
                      <a href={href('calls', { session: digest })}>{digest.slice(0, 10)}…</a>
                    ),
                  },
                  {
                    name: 'User',
                    cell: ({ user, client }) => <Caller user={user} client={client} />,
                  },
                  { name: 'Program', wideOnly: true, cell: ({ client_name }) => client_name ?? format.none },
                  {
                    name: 'Speaks',
                    wideOnly: true,
                    cell: ({ revision, transport }) => [revision, transport].filter(Boolean).join(' · '),
                  },
                  { name: 'Opened', wideOnly: true, cell: ({ opened }) => format.time(opened) },
                  { name: 'Last seen', cell: ({ last_seen }) => format.time(last_seen) },
                  { name: 'Calls', numeric: true, cell: ({ calls }) => format.count(calls) },
                  {
                    name: 'Streams',
                    numeric: true,
                    wideOnly: true,
                    cell: ({ streams }) => format.count(streams),
                  },
                  ...(mayEnd
                    ? [
                        {
                          name: 'End',
                          cell: (session: Session) => (
                            <button
                              type="button"
                              class="small"
                              aria-label={`End the session of ${session.user ?? session.digest.slice(0, 10)}`}
                              onClick={() => void end(session)}
                            >
                              End
                            </button>
                          ),
                        },
                      ]
                    : []),
                ]}
              />
              <More of={pages} />
            </Panel>
          )
        }
      </Loaded>
    </View>
  );
};
