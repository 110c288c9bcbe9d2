import { useEffect, useState } from 'preact/hooks';
import type { ServerState, ToolPage, ToolRow } from '../api/contract.js';
import { usePages } from '../api/usePages.js';
import { useResource } from '../api/useResource.js';
import { format } from '../format.js';
import { href } from '../href.js';
import { Badge } from '../parts/badge.js';
import { Empty } from '../parts/empty.js';
import { Field } from '../parts/field.js';
import { Loaded } from '../parts/loaded.js';
import { Panel } from '../parts/panel.js';
import { FilterInput } from '../parts/filterInput.js';
import { View } from '../parts/view.js';
import { VirtualList } from '../parts/virtualList.js';
import { route } from '../route.js';
import { setQuery } from '../setQuery.js';

const pageSize = 200;

/** All tools of all servers: searched and read in pages by the gateway, drawn as far as they can be seen. */
export const Tools = () => {
  const { query } = route.value;
  const search = query.get('search') ?? '';
  const server = query.get('server') ?? '';
  const servers = useResource<{ readonly servers: readonly ServerState[] }>('/servers');
  const asked = new URLSearchParams({ limit: String(pageSize), search, server });
  for (const key of ['search', 'server']) if (asked.get(key) === '') asked.delete(key);
  const pages = usePages<ToolPage, ToolRow>(`/tools?${asked.toString()}`, ({ tools }) => tools);
  const [total, setTotal] = useState<number | undefined>(undefined);
  useEffect(() => {
    if (pages.data !== undefined) setTotal(pages.data.last.total);
  }, [pages.data]);
  return (
    <View title="Tools" about="What callers may see depends on who they are; here is everything.">
      <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
        <FilterInput
          search
          label="Search tools"
          value={search}
          change={(text) => setQuery({ search: text })}
        />
        <Field label="Server" id="server">
          <select
            id="server"
            value={server}
            onChange={({ currentTarget }) => setQuery({ server: currentTarget.value })}
          >
            <option value="">all servers</option>
            {(servers.data?.servers ?? []).map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
            {server !== '' && servers.data === undefined ? <option value={server}>{server}</option> : null}
          </select>
        </Field>
        <output class="result-count">{total === undefined ? '' : `${format.count(total)} tools`}</output>
      </form>
      <Panel title="Catalogue" flush>
        <Loaded of={pages}>
          {({ rows, last }) =>
            rows.length === 0 ? (
              search === '' && server === '' ? (
                <Empty title="No tools yet">
                  Servers bring their tools; <a href={href('servers')}>see how they are</a>.
                </Empty>
              ) : (
                <Empty title="No tool fits">
                  <button type="button" onClick={() => setQuery({ search: '', server: '' })}>
                    Show all
                  </button>
                </Empty>
              )
            ) : (
              <VirtualList
                label="Tools"
                rows={rows}
                total={last.total}
                rowHeight={58}
                keyOf={({ name }) => name}
                nearEnd={pages.next}
                render={(tool) => <Tool of={tool} />}
              />
            )
          }
        </Loaded>
      </Panel>
    </View>
  );
};

const Tool = ({ of }: { readonly of: ToolRow }) => (
  <a class="tool-row" href={href(['tools', of.name])}>
    <span class="tool-name">
      <code>{of.name}</code>
      {of.held_back === undefined || of.held_back === false ? null : <Badge word="held back" tone="warn" />}
      <Hints of={of.annotations ?? {}} />
    </span>
    <span class="tool-about quiet">{of.description ?? of.title ?? ''}</span>
    <span class="tool-server quiet wide-only">{of.server}</span>
    <span class="tool-figures wide-only">
      {of.calls === 0 ? (
        <span class="quiet">not called</span>
      ) : (
        <>
          {format.short(of.calls)} calls
          <span class="quiet">
            {' '}
            · {format.percent(of.errors, of.calls)} failed · {format.ms(of.p50_ms)}
          </span>
        </>
      )}
    </span>
  </a>
);

const hints: Readonly<Record<string, string>> = {
  readOnlyHint: 'reads',
  destructiveHint: 'destroys',
  idempotentHint: 'repeatable',
  openWorldHint: 'open world',
};

const Hints = ({ of }: { readonly of: Readonly<Record<string, unknown>> }) => (
  <>
    {Object.entries(hints)
      .filter(([key]) => of[key] === true)
      .slice(0, 2)
      .map(([key, word]) => (
        <span key={key} class="chip wide-only">
          {word}
        </span>
      ))}
  </>
);
