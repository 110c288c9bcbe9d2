/** Everything the servers offer, folded into one immutable snapshot that is read in passing. */
import { anyOf } from '../protocol/glob.js';
import type { NamespaceSettings, Settings } from '../config/settings.js';
import type { Offer } from './backend.js';
import type { ServerState } from './serverState.js';
import { buildView, type View } from './view.js';

/** A server as it enters the catalogue. */
export type CatalogServer = Pick<ServerState, 'settings' | 'instances'>;

export type CatalogEvent =
  | { readonly kind: 'configured'; readonly settings: Settings; readonly servers: readonly CatalogServer[] }
  | { readonly kind: 'offered'; readonly server: CatalogServer; readonly offer: Offer }
  | { readonly kind: 'failed'; readonly server: CatalogServer; readonly at: number; readonly reason: string };

/** The snapshot. Views of namespaces are built when first asked for and kept as long as the snapshot lives. */
export interface Catalog {
  /** In the order of the configuration. */
  readonly servers: readonly ServerState[];
  /** What the endpoint of a namespace shows, or of all servers when none is named; undefined for an unknown namespace. */
  view(namespace?: string): View | undefined;
}

interface Parts {
  readonly servers: readonly ServerState[];
  readonly separator: string;
  readonly namespaces: readonly NamespaceSettings[];
  readonly blockedTools: readonly string[];
}

class Snapshot implements Catalog {
  readonly parts: Parts;
  readonly #views = new Map<string | undefined, View>();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  get servers(): readonly ServerState[] {
    return this.parts.servers;
  }

  view(namespace?: string): View | undefined {
    const known = this.#views.get(namespace);
    if (known !== undefined) return known;
    const built = this.#build(namespace);
    if (built !== undefined) this.#views.set(namespace, built);
    return built;
  }

  #build(name: string | undefined): View | undefined {
    const { servers, separator, namespaces, blockedTools } = this.parts;
    const blocked = anyOf(blockedTools);
    if (name === undefined)
      return buildView(servers, {
        separator,
        prefixed: true,
        allowed: () => true,
        denied: () => false,
        blocked,
      });
    const namespace = namespaces.find((candidate) => candidate.name === name);
    if (namespace === undefined) return undefined;
    return buildView(
      servers.filter(({ settings }) => namespace.servers.includes(settings.name)),
      {
        separator,
        prefixed: namespace.prefixed,
        allowed: namespace.allowed === undefined ? () => true : anyOf(namespace.allowed),
        denied: anyOf(namespace.denied),
        blocked,
      },
    );
  }
}

/** The catalogue before any configuration has been read. */
export const emptyCatalog: Catalog = new Snapshot({
  servers: [],
  separator: '_',
  namespaces: [],
  blockedTools: [],
});

/**
 * The next snapshot after an event. Pure.
 *
 * Events of servers that are no longer configured change nothing: a slow answer may arrive after its server has gone.
 */
export const applyEvent = (catalog: Catalog, event: CatalogEvent): Catalog => {
  const { parts } = catalog as Snapshot;
  if (event.kind === 'configured') {
    const { settings, servers } = event;
    return new Snapshot({
      servers: servers.map((server) => remembered(parts.servers, server)),
      separator: settings.naming.separator,
      namespaces: settings.namespaces,
      blockedTools: settings.blockedTools,
    });
  }
  const index = parts.servers.findIndex(({ instances }) => instances === event.server.instances);
  const state = parts.servers[index];
  if (state === undefined) return catalog;
  const next = event.kind === 'offered' ? offered(state, event.offer) : failed(state, event);
  if (next === state) return catalog;
  return new Snapshot({ ...parts, servers: parts.servers.with(index, next) });
};

/** A server that is the same as before keeps what is known of it; one of the same name that changed keeps its last offer. */
const remembered = (before: readonly ServerState[], server: CatalogServer): ServerState => {
  const same = before.find(({ instances }) => instances === server.instances);
  if (same !== undefined) return { ...same, settings: server.settings };
  const { name } = server.settings;
  const offer = before.find(({ settings }) => settings.name === name)?.offer;
  return { ...server, offer, stale: undefined };
};

const offered = (state: ServerState, offer: Offer): ServerState =>
  state.offer === offer && state.stale === undefined ? state : { ...state, offer, stale: undefined };

const failed = (state: ServerState, { at, reason }: { at: number; reason: string }): ServerState => ({
  ...state,
  stale: { since: state.stale?.since ?? at, reason },
});
