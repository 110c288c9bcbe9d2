import type { Catalog } from '../streams/catalog.js';
import type { Authenticated, Exchange, Resolved, Target } from '../streams/exchange.js';
import { kept } from '../streams/kept.js';
import { sliceOf, type Slice, type ToolEntry } from '../streams/slice.js';
import { viewpointOf } from '../streams/viewpointOf.js';
import { plainTarget } from './plainTarget.js';
import { toolTarget } from './toolTarget.js';

/**
 * Where the same call would go at another server: its tool or prompt of the same name, the same resource.
 *
 * @param server its name
 * @returns undefined where that server has no such thing, or none that this caller may see
 */
export const sameAt = (
  catalog: Catalog,
  exchange: Exchange & Authenticated & Resolved,
  server: string,
): Target | undefined => {
  const view = catalog.view(viewpointOf(exchange));
  const state = view?.servers.find(({ settings }) => settings.name === server);
  if (view === undefined || state === undefined) return undefined;
  const slice = sliceOf(state, view.rules);
  const { method, params, tool } = exchange.target;
  if (method === 'tools/call') {
    const entry = tool && toolsOf(slice).get(tool.name);
    return entry && toolTarget(entry, params);
  }
  const { name, uri } = params;
  const has =
    method === 'prompts/get'
      ? slice.prompts.some(({ upstream }) => upstream.name === name)
      : method === 'resources/read' &&
        typeof uri === 'string' &&
        view.mayRead(state, uri) &&
        (slice.resources.some(({ key }) => key === uri) ||
          slice.templates.some(({ matches }) => matches(uri)));
  return has ? plainTarget(state, method, params) : undefined;
};

const tools = new WeakMap<Slice, ReadonlyMap<string, ToolEntry>>();

const toolsOf = (slice: Slice): ReadonlyMap<string, ToolEntry> =>
  kept(tools, slice, () => new Map(slice.tools.map((entry) => [entry.upstream.name, entry])));
