import { useEffect, useState } from 'preact/hooks';
import type { CallPage, CallSummary } from '../api/contract.js';
import { live } from '../api/live.js';
import { usePages } from '../api/usePages.js';
import { format } from '../format.js';
import { Calls as CallList } from '../parts/calls.js';
import { Empty } from '../parts/empty.js';
import { Loaded } from '../parts/loaded.js';
import { More } from '../parts/more.js';
import { Panel } from '../parts/panel.js';
import { View } from '../parts/view.js';
import { route } from '../route.js';
import { setQuery } from '../setQuery.js';
import { CallFilters } from './callFilters.js';
import { CallGroups } from './callGroups.js';
import { callQuery } from './callQuery.js';

/** Calls, filtered or counted by who, what, and how they ended; "who called send_email 400 times" is two choices away. */
export const Calls = () => {
  const { query } = route.value;
  const by = query.get('by') ?? '';
  const asked = callQuery(query);
  return (
    <View
      title="Calls"
      about="Every call and every refusal; open one to see where its time went and why it ended so."
    >
      <CallFilters query={query} />
      {by === '' ? <List asked={asked} /> : <CallGroups key={by} by={by} asked={asked} query={query} />}
    </View>
  );
};

const List = ({ asked }: { readonly asked: string }) => {
  const pages = usePages<CallPage, CallSummary>(`/calls?limit=100${asked}`, ({ calls }) => calls);
  const [following, setFollowing] = useState(true);
  const newest = live.calls.value[0]?.id;
  useEffect(() => {
    // Whoever has read on to older pages is not thrown back to the first.
    if (following && newest !== undefined && (pages.data?.rows.length ?? 0) <= 100) pages.reload();
  }, [newest, following]);
  const last = pages.data?.last;
  return (
    <Panel
      title="Newest first"
      flush
      actions={
        <span class="inline">
          {last?.oldest === undefined ? null : (
            <span class="quiet wide-only">
              {last.source === 'memory' ? 'in memory' : 'from analytics'}, back to {format.time(last.oldest)}
            </span>
          )}
          <label class="check">
            <input
              type="checkbox"
              checked={following}
              onChange={({ currentTarget }) => setFollowing(currentTarget.checked)}
            />
            Follow
          </label>
        </span>
      }
    >
      <Loaded of={pages}>
        {({ rows }) =>
          rows.length === 0 ? (
            asked === '' ? (
              <Empty title="No calls yet">They appear here as they end.</Empty>
            ) : (
              <Empty title="No call fits">
                <button
                  type="button"
                  onClick={() =>
                    setQuery(Object.fromEntries([...route.value.query.keys()].map((key) => [key, ''])))
                  }
                >
                  Show all
                </button>
              </Empty>
            )
          ) : (
            <>
              <CallList caption="Calls" of={rows} />
              <More of={pages} />
            </>
          )
        }
      </Loaded>
    </Panel>
  );
};
