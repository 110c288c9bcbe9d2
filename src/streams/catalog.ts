/** Everything the servers offer, folded into one immutable snapshot that is read in passing. */
import { anyOf } from '../protocol/glob.js';
import type { AccessSettings } from '../config/accessSettings.js';
import type { NamespaceSettings, Settings } from '../config/settings.js';
import { accessOf, wholeAccess, type Access } from './access.js';
import type { Offer } from './backend.js';
import type { Principal, Viewpoint } from './exchange.js';
import type { ServerState } from './serverState.js';
import { buildView, type View } from './view.js';

/** A server as it enters the catalogue. */
export type CatalogServer = Pick<ServerState, 'settings' | 'instances'>;

export type CatalogEvent =
  | { readonly kind: 'configured'; readonly settings: Settings; readonly servers: readonly CatalogServer[] }
  | { readonly kind: 'offered'; readonly server: CatalogServer; readonly offer: Offer }
  | { readonly kind: 'failed'; readonly server: CatalogServer; readonly at: number; readonly reason: string };

/** The snapshot. Views are built when first asked for and kept as long as the snapshot lives. */
export interface Catalog {
  /** In the order of the configuration. */
  readonly servers: readonly ServerState[];
  /**
   * What the endpoint of a namespace, or of all servers when none is named, shows a caller: nothing else can be found in it, whatever
   * the method. Undefined for an unknown namespace.
   */
  view(from: Viewpoint): View | undefined;
  /** What an endpoint has, whoever may see it: for the gateway's own eyes. */
  whole(namespace?: string): View | undefined;
  /** What a caller may have. */
  access(principal: Principal): Access;
}

/** Most views kept: of each namespace one for callers of the same access. The one made first makes room. */
const maxViews = 1000;

interface Parts {
  readonly servers: readonly ServerState[];
  readonly separator: string;
  readonly namespaces: readonly NamespaceSettings[];
  readonly blockedTools: readonly string[];
  readonly access: AccessSettings | undefined;
  readonly accessOf: (principal: Principal) => Access;
}

class Snapshot implements Catalog {
  readonly parts: Parts;
  readonly #views = new Map<string, View>();
  readonly #accesses = new WeakMap<Principal, Access>();

  constructor(parts: Parts) {
    this.parts = parts;
  }

  get servers(): readonly ServerState[] {
    return this.parts.servers;
  }

  view({ namespace, principal }: Viewpoint): View | undefined {
    return this.#seen(namespace, this.access(principal));
  }

  whole(namespace?: string): View | undefined {
    return this.#seen(namespace, wholeAccess);
  }

  access(principal: Principal): Access {
    const known = this.#accesses.get(principal);
    if (known !== undefined) return known;
    const access = this.parts.accessOf(principal);
    this.#accesses.set(principal, access);
    return access;
  }

  #seen(namespace: string | undefined, access: Access): View | undefined {
    const key = `${namespace ?? ''} ${access.key}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const built = this.#build(namespace, access);
    if (built === undefined) return undefined;
    const [first] = this.#views.keys();
    if (this.#views.size >= maxViews && first !== undefined) this.#views.delete(first);
    this.#views.set(key, built);
    return built;
  }

  #build(name: string | undefined, access: Access): View | undefined {
    const { servers, separator, namespaces, blockedTools } = this.parts;
    const blocked = anyOf(blockedTools);
    const visible = servers.filter(({ settings }) => access.server(settings.name));
    if (name === undefined)
      return buildView(visible, {
        separator,
        prefixed: true,
        allowed: () => true,
        denied: () => false,
        blocked,
        access,
      });
    const namespace = namespaces.find((candidate) => candidate.name === name);
    if (namespace === undefined) return undefined;
    return buildView(
      visible.filter(({ settings }) => namespace.servers.includes(settings.name)),
      {
        separator,
        prefixed: namespace.prefixed,
        allowed: namespace.allowed === undefined ? () => true : anyOf(namespace.allowed),
        denied: anyOf(namespace.denied),
        blocked,
        access,
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
  access: undefined,
  accessOf: accessOf(undefined),
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
      access: settings.access,
      // Discovery brings new settings again and again, in which who may have what is the same.
      accessOf: settings.access === parts.access ? parts.accessOf : accessOf(settings.access),
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
