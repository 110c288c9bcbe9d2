import type { Catalog } from '../../streams/catalog.js';
import { select, type Latest } from '../../streams/latest.js';
import type { View } from '../../streams/view.js';

/** A catalogue in which nobody looks at the arguments of one tool: for whoever asks what becomes of its calls, whatever they are. */
export const withoutChecks = (catalog: Latest<Catalog>, name: string): Latest<Catalog> =>
  select(catalog, (current) => ({
    servers: current.servers,
    view(from) {
      const view = current.view(from);
      return view && unchecked(view, name);
    },
    whole: (namespace) => current.whole(namespace),
    access: (principal) => current.access(principal),
    isHeldBack: (held) => current.isHeldBack(held),
  }));

const unchecked = (view: View, name: string): View => {
  const of = (tools: View['tools']): View['tools'] => {
    const entry = tools.get(name);
    return entry === undefined ? tools : new Map([[name, { ...entry, check: () => [] }]]);
  };
  return { ...view, tools: of(view.tools), dotted: of(view.dotted) };
};
