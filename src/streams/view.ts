import type { PromptDefinition, ResourceDefinition } from '../protocol/mcp.js';
import { distinctName } from '../protocol/names.js';
import { kept } from './kept.js';
import { listing, type ListingOptions } from './listing.js';
import type { ServerState } from './serverState.js';
import {
  sliceOf,
  type Entry,
  type Slice,
  type TemplateEntry,
  type ToolEntry,
  type ViewRules,
} from './slice.js';

/** What one endpoint shows. Lists are sorted by key: the same on every request and every instance. */
export interface View {
  readonly servers: readonly ServerState[];
  /** What it was made by. */
  readonly rules: ViewRules;
  readonly tools: ReadonlyMap<string, ToolEntry>;
  readonly prompts: ReadonlyMap<string, Entry<PromptDefinition>>;
  readonly resources: ReadonlyMap<string, Entry<ResourceDefinition>>;
  readonly templates: ReadonlyMap<string, TemplateEntry>;
  /** Other names that tools of discovered services are called by: joined by a dot, as gateways before this one had them. */
  readonly dotted: ReadonlyMap<string, ToolEntry>;
  /** Whether this caller may read this resource of that server, listed or not. */
  readonly mayRead: (server: ServerState, uri: string) => boolean;
}

/**
 * Builds a view: names made exposable and distinct, what is not allowed left out.
 *
 * Only servers that have changed cost something (see {@link sliceOf}), but for putting together what there is.
 *
 * @param before the view of the same endpoint as it was. It changes nothing but the time this takes; where nothing has changed it
 * is the view
 */
export const buildView = (servers: readonly ServerState[], rules: ViewRules, before?: View): View => {
  const change = before?.rules === rules ? difference(before.servers, servers) : undefined;
  if (before !== undefined && change !== undefined && isNothing(change)) return before;
  const list = <E extends Entry<object>>(
    of: (slice: Slice) => readonly E[],
    options: ListingOptions<E>,
    was: ReadonlyMap<string, E> | undefined,
  ): ReadonlyMap<string, E> => {
    const offered = (server: ServerState): readonly E[] => of(sliceOf(server, rules));
    return listing(
      () => servers.map(offered),
      options,
      change &&
        was && { before: was, gone: change.gone.flatMap(offered), come: change.come.flatMap(offered) },
    );
  };
  const tools = list<ToolEntry>((slice) => slice.tools, byName, before?.tools);
  let dotted: ReadonlyMap<string, ToolEntry> | undefined;
  return {
    servers,
    rules,
    tools,
    // Few ask for it.
    get dotted() {
      return (dotted ??= dottedNames(tools));
    },
    prompts: list<Entry<PromptDefinition>>((slice) => slice.prompts, byName, before?.prompts),
    resources: list((slice) => slice.resources, byUri, before?.resources),
    templates: list((slice) => slice.templates, byUri, before?.templates),
    mayRead: ({ settings }, uri) => rules.access.resource(settings.name, uri),
  };
};

interface Difference {
  readonly gone: readonly ServerState[];
  readonly come: readonly ServerState[];
}

const isNothing = ({ gone, come }: Difference): boolean => gone.length === 0 && come.length === 0;

/** Undefined where those that are in both have changed places. */
const difference = (before: readonly ServerState[], now: readonly ServerState[]): Difference | undefined => {
  const [old, current] = [new Set(before), new Set(now)];
  const stayed = before.filter((server) => current.has(server));
  const still = now.filter((server) => old.has(server));
  if (stayed.some((server, index) => server !== still[index])) return undefined;
  return {
    gone: before.filter((server) => !current.has(server)),
    come: now.filter((server) => !old.has(server)),
  };
};

/**
 * Never in a list: vendors refuse dots in names. A name that is a tool's own goes before. Where the exposed name belongs to another
 * server, the dotted one does too: it is but another spelling.
 */
const dottedNames = (tools: ReadonlyMap<string, ToolEntry>): ReadonlyMap<string, ToolEntry> => {
  const dotted = new Map<string, ToolEntry>();
  for (const entry of tools.values()) {
    const { settings } = entry.server;
    if (settings.discovered === undefined || settings.prefix === '') continue;
    const name = `${settings.prefix}.${entry.upstream.name}`;
    const owner = entry.wanted === undefined ? undefined : tools.get(entry.wanted);
    const isOthers = owner !== undefined && owner.server !== entry.server;
    if (!dotted.has(name)) dotted.set(name, isOthers ? owner : entry);
  }
  return dotted;
};

/**
 * Two that would be called alike: the server that comes first keeps the name, of one server the tool whose own name needed no
 * change; the other's name gets a hash.
 */
const byName = {
  isFirst: ({ key, upstream }: Named): boolean => key.endsWith(upstream.name),
  otherwise: <E extends Named>(entry: E): E => kept(hashed, entry, () => hashedEntry(entry)) as E,
};

type Named = Entry<{ readonly name: string }>;

/** By the entries they stand for. */
const hashed = new WeakMap<Named, Named>();

const hashedEntry = (entry: Named): Named => {
  const { key, server, upstream, definition } = entry;
  const name = distinctName(key, server.settings.name, upstream.name);
  return { ...entry, key: name, wanted: key, definition: { ...definition, name } };
};

/** A URI is the server's own and can't be renamed: the server configured first answers for it. */
const byUri = { isFirst: () => true, otherwise: () => undefined };
