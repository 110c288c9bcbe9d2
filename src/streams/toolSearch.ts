import { isObservable, shareReplay } from 'rxjs';
import type { Settings } from '../config/settings.js';
import type { ToolSearchSettings } from '../config/toolSearchSettings.js';
import { anyOf, type NameTest } from '../protocol/glob.js';
import { callTool, searchTool } from '../protocol/search/searchTools.js';
import { kept } from './kept.js';
import { silent, type Log } from './log.js';
import type { Prompt } from './sessions.js';
import type { Entries } from './shownEntries.js';
import { toolIndex, type ToolIndex } from './toolIndex.js';
import type { View } from './view.js';

/** What is listed in place of many tools. */
export interface ListedTools {
  readonly entries: ReadonlyMap<string, { readonly definition: object }>;
  /** Undefined where the list is the whole. */
  readonly saved?: { readonly tools: number; readonly tokens: number };
}

/** Names of the gateway's own tools in one view. */
export interface OwnTools {
  readonly search: string;
  readonly call: string;
}

/** Most indexes kept: one of 10,000 tools takes about 25 MB. The one made first makes room. */
const maxIndexes = 16;

/** Tool search as the configuration has it; undefined where it wants none anywhere. */
export const toolSearchOf = ({ toolSearch, namespaces }: Settings, log: Log): ToolSearch | undefined => {
  const own = new Map(namespaces.map((namespace) => [namespace.name, namespace.toolSearch ?? toolSearch]));
  const some = [toolSearch, ...own.values()].some((settings) => settings !== undefined);
  return some ? new ToolSearch((name) => (name === undefined ? toolSearch : own.get(name)), log) : undefined;
};

/** Shortens lists of tools, and finds what is not in them. */
export class ToolSearch {
  /** What holds for a namespace, or for the endpoint of all servers. */
  readonly settingsOf: (namespace: string | undefined) => ToolSearchSettings | undefined;
  readonly #log: Log;
  /** Names that have been told of. */
  readonly #told = new Set<string>();
  readonly #lists = new WeakMap<Entries, ListedTools>();
  readonly #names = new WeakMap<View['tools'], OwnTools>();
  readonly #always = new WeakMap<ToolSearchSettings, NameTest>();
  readonly #indexes = new Map<View['tools'], Prompt<ToolIndex>>();

  constructor(settingsOf: ToolSearch['settingsOf'], log: Log = silent) {
    this.settingsOf = settingsOf;
    this.#log = log;
  }

  /** Where a server has a tool of that name, it keeps it: whoever knew it finds it as before. */
  ownTools({ tools }: View): OwnTools {
    return kept(this.#names, tools, () => ({
      search: this.#free('search_tools', tools),
      call: this.#free('call_tool', tools),
    }));
  }

  #free(wanted: string, tools: View['tools']): string {
    const server = tools.get(wanted)?.server.settings.name;
    const name = freeName(wanted, tools);
    if (server === undefined || this.#told.has(wanted)) return name;
    this.#told.add(wanted);
    const fields = { event: 'tool_name_taken', server, tool: wanted, gateway_tool: name };
    this.#log.warn(fields, "A server has a tool of the name of the gateway's own, which gets another");
    return name;
  }

  /** @param shown the tools that the caller may see */
  listed(view: View, shown: Entries, settings: ToolSearchSettings): ListedTools {
    if (shown.size <= settings.over) return { entries: shown };
    return kept(this.#lists, shown, () => {
      const { search, call } = this.ownTools(view);
      const isAlways = kept(this.#always, settings, () => anyOf(settings.always));
      const listed = new Map<string, { readonly definition: object }>(
        [...shown].filter(([name]) => isAlways(name)),
      );
      const left = [...shown].filter(([name]) => !listed.has(name));
      const own = [searchTool(search, call, settings.results), callTool(call, search)];
      for (const definition of own) listed.set(definition.name, { definition });
      const sizes = left.map(([, { definition }]) => JSON.stringify(definition).length);
      const bytes = sizes.reduce((sum, size) => sum + size, -JSON.stringify(own).length);
      return {
        entries: new Map([...listed].sort(([a], [b]) => (a < b ? -1 : 1))),
        saved: { tools: left.length, tokens: Math.max(0, Math.round(bytes / 4)) },
      };
    });
  }

  /** The tools that fit a question best, of those that the caller may see. */
  index({ tools }: View): Prompt<ToolIndex> {
    const known = this.#indexes.get(tools);
    if (known !== undefined) return known;
    const [oldest] = this.#indexes.keys();
    if (this.#indexes.size >= maxIndexes && oldest !== undefined) this.#indexes.delete(oldest);
    const made = toolIndex(tools);
    const index = isObservable(made) ? made.pipe(shareReplay(1)) : made;
    this.#indexes.set(tools, index);
    return index;
  }
}

const freeName = (wanted: string, tools: View['tools']): string => {
  if (!tools.has(wanted)) return wanted;
  for (let count = 1; ; count++) {
    const name = `gateway_${wanted}${count === 1 ? '' : `_${count}`}`;
    if (!tools.has(name)) return name;
  }
};
