/** Everything the servers offer, folded into one immutable snapshot that is read in passing. */
import { anyOf, type NameTest } from '../protocol/glob.js';
import { skeleton } from '../protocol/integrity/skeleton.js';
import type { AccessSettings } from '../config/accessSettings.js';
import type { NamespaceSettings, Settings } from '../config/settings.js';
import { accessOf, wholeAccess, type Access } from './access.js';
import type { Offer } from './backend.js';
import { doorsOf, type Doors } from './doors.js';
import type { Principal, Viewpoint } from './exchange.js';
import { exposedName } from '../protocol/names.js';
import { kept } from './kept.js';
import type { ServerState } from './serverState.js';
import type { ViewRules } from './slice.js';
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
  /** Whether some server has a tool or prompt of that exposed name, or a template of URIs, that is held back. For the log. */
  isHeldBack(name: string): boolean;
}

/** Most views kept: of each namespace one for callers of the same access. The one made first makes room. */
const maxViews = 1000;

interface Parts {
  readonly servers: readonly ServerState[];
  readonly separator: string;
  readonly namespaces: readonly NamespaceSettings[];
  readonly blockedTools: readonly string[];
  readonly access: AccessSettings | undefined;
  readonly compiled: Compiled;
}

/** What is the same until the configuration changes: discovery brings new settings again and again that say the same. */
interface Compiled {
  readonly doors: string;
  readonly accessOf: (principal: Principal) => Access;
  /** Of views, by what they say: what has been made by the same rules is found again. */
  readonly rules: Map<string, ViewRules>;
}

/** The endpoint of all servers as a namespace. */
const everything = { prefixed: true, denied: [] };

class Snapshot implements Catalog {
  readonly parts: Parts;
  readonly #views = new Map<string, View>();
  /** Those of the last snapshot that had any. */
  readonly #before: ReadonlyMap<string, View>;

  constructor(parts: Parts, previous?: Snapshot) {
    this.parts = parts;
    if (previous === undefined) this.#before = new Map();
    else this.#before = previous.#views.size > 0 ? previous.#views : previous.#before;
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
    return this.parts.compiled.accessOf(principal);
  }

  isHeldBack(name: string): boolean {
    const { servers, separator } = this.parts;
    return servers.some(({ settings, offer }) =>
      offer?.held?.some((held) => {
        const full = exposedName(settings.prefix, separator, held.name);
        // A tenant's own prefix may stand in front.
        return name === held.name || name === full || name.endsWith(`${separator}${full}`);
      }),
    );
  }

  #seen(name: string | undefined, access: Access): View | undefined {
    const key = `${name ?? ''} ${access.key}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const { servers, namespaces } = this.parts;
    const namespace = namespaces.find((candidate) => candidate.name === name);
    if (name !== undefined && namespace === undefined) return undefined;
    const members = namespace && new Set(namespace.servers);
    const shown = servers.filter(
      ({ settings }) => access.server(settings.name) && members?.has(settings.name) !== false,
    );
    const view = buildView(shown, this.#rulesOf(namespace ?? everything, access), this.#before.get(key));
    makeRoom(this.#views);
    this.#views.set(key, view);
    return view;
  }

  #rulesOf(
    { prefixed, allowed, denied }: Omit<NamespaceSettings, 'name' | 'servers'>,
    access: Access,
  ): ViewRules {
    const { separator, blockedTools, compiled } = this.parts;
    makeRoom(compiled.rules);
    return kept(compiled.rules, JSON.stringify([prefixed, allowed, denied, access.key]), () => ({
      separator,
      prefixed,
      allowed: allowed === undefined ? () => true : anyOf(allowed),
      denied: anyOf(denied),
      blocked: blockedTest(blockedTools),
      access,
    }));
  }
}

/** What is blocked is so in any case, width and script that looks like it. */
const blockedTest = (patterns: readonly string[]): NameTest => {
  const test = anyOf(patterns.map(skeleton));
  return patterns.length === 0 ? test : (name) => test(skeleton(name));
};

const compile = (access: AccessSettings | undefined, doors: Doors): Compiled => {
  const of = accessOf(access);
  const known = new WeakMap<Principal, Access>();
  return {
    doors: doors.key,
    accessOf: (principal) => kept(known, principal, () => doors.within(of(principal), principal)),
    rules: new Map(),
  };
};

const makeRoom = (map: Map<string, unknown>): void => {
  const [first] = map.keys();
  if (map.size >= maxViews && first !== undefined) map.delete(first);
};

/** The catalogue before any configuration has been read. */
export const emptyCatalog: Catalog = new Snapshot({
  servers: [],
  separator: '_',
  namespaces: [],
  blockedTools: [],
  access: undefined,
  compiled: compile(undefined, doorsOf([], false)),
});

/**
 * The next snapshot after an event. Pure.
 *
 * Events of servers that are no longer configured change nothing: a slow answer may arrive after its server has gone.
 */
export const applyEvent = (catalog: Catalog, event: CatalogEvent): Catalog => {
  const before = catalog as Snapshot;
  const { parts } = before;
  if (event.kind === 'configured') {
    const { namespaces, blockedTools, access, naming, servers: configured, auth } = event.settings;
    const { separator } = naming;
    const doors = doorsOf(configured, auth !== undefined);
    const same =
      separator === parts.separator &&
      blockedTools === parts.blockedTools &&
      access === parts.access &&
      doors.key === parts.compiled.doors;
    const compiled = same ? parts.compiled : compile(access, doors);
    const servers = event.servers.map(remembering(parts.servers));
    return new Snapshot({ servers, separator, namespaces, blockedTools, access, compiled }, before);
  }
  const index = parts.servers.findIndex(({ instances }) => instances === event.server.instances);
  const state = parts.servers[index];
  if (state === undefined) return catalog;
  const next = event.kind === 'offered' ? offered(state, event.offer) : failed(state, event);
  if (next === state) return catalog;
  return new Snapshot({ ...parts, servers: parts.servers.with(index, next) }, before);
};

/**
 * A server that is the same as before is the same object; one with other settings keeps what is known of it, one of the same name
 * that is another its last offer.
 */
const remembering = (before: readonly ServerState[]): ((server: CatalogServer) => ServerState) => {
  const same = new Map(before.map((state) => [state.instances, state]));
  const named = new Map(before.map((state) => [state.settings.name, state]));
  return ({ settings, instances }) => {
    const state = same.get(instances);
    if (state === undefined)
      return { settings, instances, offer: named.get(settings.name)?.offer, stale: undefined };
    return state.settings === settings ? state : { ...state, settings };
  };
};

const offered = (state: ServerState, offer: Offer): ServerState =>
  state.offer === offer && state.stale === undefined ? state : { ...state, offer, stale: undefined };

const failed = (state: ServerState, { at, reason }: { at: number; reason: string }): ServerState => ({
  ...state,
  stale: { since: state.stale?.since ?? at, reason },
});
