import type { Catalog } from '../streams/catalog.js';
import type { ToolEntry } from '../streams/slice.js';

/** A tool whose name another server's tool has already, at the endpoint of all servers. */
export interface SharedName {
  /** The name that both would have. */
  readonly tool: string;
  /** The server that has it. */
  readonly server: string;
  /** The one that came later. */
  readonly hidden: string;
  /** What its tool is called instead. */
  readonly instead: string;
}

/** The first tool of each two servers whose tools would be called alike: those of a second instance of all of them would be many. */
export const sharedNames = (catalog: Catalog): readonly SharedName[] => {
  const tools: ReadonlyMap<string, ToolEntry> = catalog.whole()?.tools ?? new Map();
  const pairs = new Map<string, SharedName>();
  for (const { key, wanted, server } of tools.values()) {
    if (wanted === undefined) continue;
    const owner = tools.get(wanted)?.server;
    if (owner === undefined || owner === server) continue;
    const [first, hidden] = [owner.settings.name, server.settings.name];
    const pair = JSON.stringify([first, hidden]);
    if (!pairs.has(pair)) pairs.set(pair, { tool: wanted, server: first, hidden, instead: key });
  }
  return [...pairs.values()];
};
