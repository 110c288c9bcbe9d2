import { concat, defer, type Observable } from 'rxjs';
import type { Cursors } from '../protocol/cursor.js';
import { refusal } from '../protocol/errors.js';
import type { ListMethod } from '../protocol/methods.js';
import type { Handler } from '../operators/handle.js';
import type { Catalog } from '../streams/catalog.js';
import { followed } from '../streams/followed.js';
import type { Latest } from '../streams/latest.js';
import { prompted } from '../streams/prompted.js';
import { result, type Reply } from '../streams/reply.js';
import type { ShownEntries } from '../streams/shownEntries.js';
import type { Prompt } from '../streams/sessions.js';
import type { Roster } from '../streams/roster.js';
import type { ListedTools, ToolSearch } from '../streams/toolSearch.js';
import type { View } from '../streams/view.js';
import { viewpointOf } from '../streams/viewpointOf.js';

/** Key of `_meta` under which a list says which servers' part of it is the last good one rather than today's. */
export const staleKey = 'io.sluice/stale';

export interface ListOptions {
  readonly catalog: Latest<Catalog>;
  /** Completes when the catalogue is as fresh as it can be now. */
  readonly refresh: () => Observable<never>;
  /** How old the lists may be, in milliseconds, and who knows how old they are; undefined for no older than servers say. */
  readonly aged?: AgedLists | undefined;
  /** Leaves out what the caller could not call. */
  readonly shown: ShownEntries;
  readonly cursors: Cursors;
  readonly pageSize: number;
  /** Undefined where lists of tools are whole. */
  readonly search?: ToolSearch | undefined;
}

/** Lists that may be of some age. */
export interface AgedLists {
  /** By method; those that are missing may not. */
  readonly maxAgeMs: Readonly<Partial<Record<ListMethod, number>>>;
  readonly roster: Pick<Roster, 'refresh' | 'leftMs'>;
}

/** Key of `_meta` under which a list of tools says how many it leaves to be searched for, and about how many tokens that saves. */
const searchedKey = 'io.sluice/tool_search';

/** The four lists: the key of the result and where its entries are. */
const lists = {
  'tools/list': { key: 'tools', entries: (view: View) => view.tools },
  'prompts/list': { key: 'prompts', entries: (view: View) => view.prompts },
  'resources/list': { key: 'resources', entries: (view: View) => view.resources },
  'resources/templates/list': { key: 'resourceTemplates', entries: (view: View) => view.templates },
} as const satisfies Readonly<Record<ListMethod, unknown>>;

/**
 * Answers a list over all servers of the endpoint: one page, sorted by name, with a signed cursor to the next.
 *
 * > A broken or hung server neither empties nor blocks it: its last good part is served and named in `_meta`.
 */
export const list =
  (method: ListMethod, { catalog, refresh, aged, shown, cursors, pageSize, search }: ListOptions): Handler =>
  (exchange) => {
    const { message, origin, principal } = exchange;
    const maxAgeMs = aged?.maxAgeMs[method];
    const isAged = aged !== undefined && maxAgeMs !== undefined;
    const leftMs = ({ servers }: View): number | undefined =>
      isAged
        ? aged.roster.leftMs(
            servers.map(({ settings }) => settings.name),
            maxAgeMs,
          )
        : undefined;
    const name = `${method} ${origin.namespace ?? ''} ${principal.tenant ?? ''}`;
    const cursor = message.params?.['cursor'];
    const after = typeof cursor === 'string' ? cursors.read(name, cursor) : undefined;
    const page = (): Prompt<Reply> => {
      const view = catalog.current.view(viewpointOf(exchange));
      if (view === undefined) throw refusal('ERR_NAMESPACE_UNKNOWN', 'There is no such namespace');
      const { key, entries } = lists[method];
      return followed(shown(exchange, method, entries(view)), (all) => {
        const settings = method === 'tools/list' ? search?.settingsOf(origin.namespace) : undefined;
        const listed: ListedTools =
          search === undefined || settings === undefined
            ? { entries: all }
            : search.listed(view, all, settings);
        const { items, last } = pageOf(listed.entries, after, pageSize);
        return result({
          [key]: items,
          ...(last === undefined ? undefined : { nextCursor: cursors.write(name, last) }),
          ...(isAged && { ttlMs: leftMs(view) }),
          ...metaOf(view, listed),
        });
      });
    };
    return concat(
      isAged ? aged.roster.refresh(undefined, maxAgeMs) : refresh(),
      defer(() => prompted(page())),
    );
  };

const pageOf = (entries: ListedTools['entries'], after: string | undefined, size: number) => {
  const items: unknown[] = [];
  let last: string | undefined;
  for (const [key, { definition }] of entries) {
    if (after !== undefined && key <= after) continue;
    if (items.length === size) return { items, last };
    items.push(definition);
    last = key;
  }
  return { items, last: undefined };
};

const metaOf = ({ servers }: View, { saved }: ListedTools): { _meta?: Readonly<Record<string, unknown>> } => {
  const stale = servers.flatMap(({ settings, stale }) =>
    stale === undefined
      ? []
      : [{ server: settings.name, since: new Date(stale.since).toISOString(), reason: stale.reason }],
  );
  if (stale.length === 0 && saved === undefined) return {};
  return {
    _meta: {
      ...(stale.length > 0 && { [staleKey]: stale }),
      ...(saved !== undefined && {
        [searchedKey]: { tools_not_listed: saved.tools, tokens_saved: saved.tokens },
      }),
    },
  };
};
