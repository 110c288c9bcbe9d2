import { allKnown } from './allKnown.js';
import { askAll } from './askAll.js';
import type { Authenticated, Exchange, InSession } from './exchange.js';
import { followed } from './followed.js';
import { kept } from './kept.js';
import type { Policies } from './policies.js';
import { askerOf, policyInput, type Subject } from './policyInput.js';
import type { Prompt } from './sessions.js';
import type { Entry } from './slice.js';

/** The entries of a list by what they are found by. */
export type Entries = ReadonlyMap<string, Entry<object>>;

/** Leaves out of a list what its caller could not call; the same map where that is nothing. */
export type ShownEntries = (
  exchange: Exchange & Authenticated & InSession,
  method: string,
  entries: Entries,
) => Prompt<Entries>;

export interface ShownEntriesOptions {
  readonly policies: () => Policies;
  readonly instance: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** How long it is remembered what somebody sees, in milliseconds: a policy may depend on the time. */
const rememberedMs = 10_000;
/** Most callers for whom a list is remembered. */
const maxRemembered = 1000;
/** Most questions about one list under way at an OPA server. */
const atOnce = 16;

interface Remembered {
  readonly until: number;
  readonly version: number;
  readonly shown: Entries;
}

/**
 * Asks the policies about each entry of a list, as if it were called without arguments.
 *
 * > Asked once for each caller in a while, and again at once when a policy changes.
 */
export const shownEntries = ({ policies, instance, now }: ShownEntriesOptions): ShownEntries => {
  const remembered = new WeakMap<Entries, Map<string, Remembered>>();
  return (exchange, method, entries) => {
    const { over, lists, version } = policies();
    if (!lists) return usable(method, entries, over);
    const asker = askerOf(exchange, instance);
    const at = now();
    const memory = kept(remembered, entries, () => new Map<string, Remembered>());
    const who = `${method} ${JSON.stringify(asker)}`;
    const known = memory.get(who);
    if (known?.version === version && known.until > at) return known.shown;
    const judged = [...entries].map(([key, entry]): Prompt<string | undefined> => {
      const subject = listed(method, entry);
      const applying = over(entry.server.settings, subject.tool?.own);
      if (applying.length === 0) return key;
      const said = askAll(applying, policyInput(asker, method, entry.server, subject, at));
      return followed(said, ({ allow }) => (allow ? key : undefined));
    });
    return followed(allKnown(judged, atOnce), (keys) => {
      const allowed = new Set(keys);
      const shown =
        allowed.size === entries.size && !allowed.has(undefined)
          ? entries
          : new Map([...entries].filter(([key]) => allowed.has(key)));
      memory.delete(who);
      const [oldest] = memory.keys();
      if (memory.size >= maxRemembered && oldest !== undefined) memory.delete(oldest);
      memory.set(who, { until: at + rememberedMs, version, shown });
      return shown;
    });
  };
};

/** Where lists show everything they do not show what nobody can call, because there is nothing that could decide over it. */
const usable = (method: string, entries: Entries, over: Policies['over']): Entries => {
  const isUsable = (entry: Entry<object>): boolean =>
    over(entry.server.settings, listed(method, entry).tool?.own).every((policy) => policy.isUsable());
  for (const entry of entries.values())
    if (!isUsable(entry)) return new Map([...entries].filter(([, each]) => isUsable(each)));
  return entries;
};

const noHints = Object.freeze({});

const listed = (method: string, { key, upstream }: Entry<object>): Subject => {
  const own = 'name' in upstream ? String(upstream.name) : key;
  if (method === 'tools/list') {
    const annotations = 'annotations' in upstream ? (upstream.annotations as object) : noHints;
    return { tool: { name: key, own, annotations } };
  }
  if (method === 'prompts/list') return { prompt: { name: key, own } };
  return { resource: method === 'resources/list' ? { uri: key } : { template: key } };
};
