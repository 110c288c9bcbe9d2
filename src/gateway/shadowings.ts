import { skeleton } from '../protocol/integrity/skeleton.js';
import type { ToolDefinition } from '../protocol/mcp.js';
import type { Catalog } from '../streams/catalog.js';
import { kept } from '../streams/kept.js';
import type { ToolEntry } from '../streams/slice.js';

/** A tool that stands in the light of another server's. */
export interface Shadowing {
  readonly server: string;
  /** Its own name. */
  readonly tool: string;
  /** `look_alike`: it is hard to tell from it; `mentioned`: its description speaks of it. */
  readonly how: 'look_alike' | 'mentioned';
  /** The other server. */
  readonly other: string;
  /** The exposed name of the other's tool. */
  readonly of: string;
}

const known = new WeakMap<Catalog, readonly Shadowing[]>();

/**
 * The first tool of each two servers that looks like one of the other's, and the first that speaks of one, at the endpoint of all servers. Tools that
 * have the same name of their own and different ones here are none: many servers have a `search`.
 */
export const shadowings = (catalog: Catalog): readonly Shadowing[] =>
  kept(known, catalog, () => {
    const tools = [...(catalog.whole()?.tools.values() ?? [])];
    const pairs = new Map<string, Shadowing>();
    for (const found of [...lookAlikes(tools), ...mentions(tools)]) {
      const pair = JSON.stringify([found.server, found.other, found.how]);
      if (!pairs.has(pair)) pairs.set(pair, found);
    }
    return [...pairs.values()];
  });

const nameOf = ({ server }: ToolEntry): string => server.settings.name;

const shadowing = (entry: ToolEntry, how: Shadowing['how'], other: ToolEntry): Shadowing => ({
  server: nameOf(entry),
  tool: entry.upstream.name,
  how,
  other: nameOf(other),
  of: other.key,
});

/** Those that came later: names that differ, and look the same. */
const lookAlikes = (tools: readonly ToolEntry[]): Shadowing[] => {
  const found: Shadowing[] = [];
  for (const name of [({ upstream }: ToolEntry) => upstream.name, ({ key }: ToolEntry) => key]) {
    const first = new Map<string, ToolEntry>();
    for (const entry of tools) {
      const before = kept(first, skeleton(name(entry)), () => entry);
      if (before.server !== entry.server && name(before) !== name(entry))
        found.push(shadowing(entry, 'look_alike', before));
    }
  }
  return found;
};

/** A name that is no word of a sentence: `send_email`, `sendEmail`. */
const isTelling = (name: string): boolean =>
  name.length >= 6 && /[A-Za-z\d][_.-][A-Za-z\d]|[a-z][A-Z]/.test(name);

const mentions = (tools: readonly ToolEntry[]): Shadowing[] => {
  /** By exposed name, and by own names that one server has alone. */
  const owners = new Map<string, ToolEntry | undefined>();
  for (const entry of tools) {
    const { name } = entry.upstream;
    if (!isTelling(name)) continue;
    const before = owners.get(name);
    owners.set(name, owners.has(name) && before?.server !== entry.server ? undefined : entry);
  }
  for (const entry of tools) if (isTelling(entry.key)) owners.set(entry.key, entry);
  return tools.flatMap((entry) =>
    wordsOf(entry.upstream).flatMap((word) => {
      const owner = owners.get(word);
      return owner === undefined || owner.server === entry.server
        ? []
        : [shadowing(entry, 'mentioned', owner)];
    }),
  );
};

/** Words of descriptions that could be names of tools; definitions outlive catalogues. */
const words = new WeakMap<ToolDefinition, readonly string[]>();
/** More of a description is not looked at. */
const maxLength = 16_384;

const wordsOf = (tool: ToolDefinition): readonly string[] =>
  kept(words, tool, () => [
    ...new Set(
      ((tool.description ?? '').slice(0, maxLength).match(/[\w.-]{6,128}/g) ?? [])
        .map(bare)
        .filter(isTelling),
    ),
  ]);

/** Without what ends a sentence. */
const bare = (word: string): string => word.replace(/^[.-]{1,8}|[.-]{1,8}$/g, '');
