import type { ConsulSettings } from '../../config/consulSettings.js';
import type { ServerSettings } from '../../config/settings.js';
import type { Discovery } from './discovery.js';
import type { KvValues } from './fromKv.js';
import type { Registration } from './registration.js';
import { toServer, type DiscoveredServer } from './toServer.js';

/** Where manifests are that no registration names: `{prefix}{service}/manifest`. */
export const manifestPrefix = 'mcp/services/';

/** A manifest that a registration names itself. */
export interface NamedKey {
  readonly datacenter: string;
  readonly key: string;
}

interface Known {
  readonly server: DiscoveredServer | undefined;
  readonly notices: readonly string[];
  /** JSON of the settings: equal ones keep their object, and with it their connections. */
  readonly print: string;
}

/** What is known of all services. Mutable; {@link snapshot} makes the value, and makes anew only the servers whose facts changed. */
export class ServiceDirectory {
  readonly #settings: ConsulSettings;
  readonly #datacenters: readonly string[];
  readonly #instances = new Map<string, Map<string, readonly Registration[]>>();
  readonly #manifests = new Map<string, KvValues>();
  readonly #named = new Map<string, KvValues>();
  readonly #known = new Map<string, Known>();
  readonly #changed = new Set<string>();
  #trusted: KvValues = new Map();

  /** @param datacenters the preferred one first */
  constructor(settings: ConsulSettings, datacenters: readonly string[]) {
    this.#settings = settings;
    this.#datacenters = datacenters;
  }

  /** The instances of a service in a datacenter; none when it is gone there. */
  setInstances(datacenter: string, name: string, instances: readonly Registration[]): void {
    const byDatacenter = this.#instances.get(name) ?? new Map<string, readonly Registration[]>();
    if (instances.length === 0) byDatacenter.delete(datacenter);
    else byDatacenter.set(datacenter, instances);
    if (byDatacenter.size === 0) this.#instances.delete(name);
    else this.#instances.set(name, byDatacenter);
    this.#changed.add(name);
  }

  /** All manifests under the usual prefix. */
  setManifests(datacenter: string, values: KvValues): void {
    const before = this.#manifests.get(datacenter);
    this.#manifests.set(datacenter, values);
    for (const name of this.#instances.keys()) {
      const keys = [defaultKey(name), ...this.#keysOf(name).map(({ key }) => key)];
      if (keys.some((key) => before?.get(key) !== values.get(key))) this.#changed.add(name);
    }
  }

  /** The value of a key that a registration names. */
  setNamed({ datacenter, key }: NamedKey, values: KvValues): void {
    this.#named.set(placeOf(datacenter, key), values);
    for (const name of this.#instances.keys())
      if (this.#keysOf(name).some((named) => named.key === key)) this.#changed.add(name);
  }

  /** Public keys by id. */
  setTrusted(keys: KvValues): void {
    this.#trusted = keys;
    for (const name of this.#instances.keys()) this.#changed.add(name);
  }

  /** Manifests beside the usual prefix: whoever owns the directory has to fetch them. */
  get namedKeys(): readonly NamedKey[] {
    const named = [...this.#instances.keys()].flatMap((name) => this.#keysOf(name));
    const outside = named.filter(({ key }) => !key.startsWith(manifestPrefix));
    return [...new Map(outside.map((one) => [placeOf(one.datacenter, one.key), one])).values()];
  }

  snapshot(): Pick<Discovery, 'servers' | 'namespaces' | 'notices'> {
    for (const name of this.#changed) this.#renew(name);
    this.#changed.clear();
    const servers: ServerSettings[] = [];
    const namespaces = new Map<string, string[]>();
    const notices = new Map<string, readonly string[]>();
    for (const [name, known] of [...this.#known].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (known.notices.length > 0) notices.set(name, known.notices);
      if (known.server === undefined) continue;
      servers.push(known.server.settings);
      const { namespace } = known.server;
      if (namespace !== undefined) namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), name]);
    }
    return { servers, namespaces, notices };
  }

  #renew(name: string): void {
    const { instances, standby } = this.#usable(name);
    if (instances.length === 0) {
      this.#known.delete(name);
      return;
    }
    const manifest = this.#manifestOf(name);
    const found = toServer(name, { instances, standby, manifest, trusted: this.#trusted }, this.#settings);
    if (found.settings === undefined) {
      this.#known.set(name, { server: undefined, notices: found.notices, print: '' });
      return;
    }
    const before = this.#known.get(name);
    const print = JSON.stringify(found.settings);
    const settings =
      before?.server !== undefined && before.print === print ? before.server.settings : found.settings;
    this.#known.set(name, { server: { ...found, settings }, notices: found.notices, print });
  }

  /**
   * The instances to use: those that pass their checks in the first datacenter that has such, behind them those with a warning
   * and those of the other datacenters. What is critical is left out.
   */
  #usable(name: string): { readonly instances: readonly Registration[]; readonly standby: number } {
    const byDatacenter = this.#instances.get(name);
    const ranks = this.#datacenters.flatMap((datacenter) => {
      const all = [...(byDatacenter?.get(datacenter) ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1));
      return [
        all.filter(({ status }) => status === 'passing'),
        all.filter(({ status }) => status === 'warning'),
      ];
    });
    const instances = ranks.flat();
    const first = ranks.find((rank) => rank.length > 0)?.length ?? 0;
    return { instances, standby: instances.length - first };
  }

  #manifestOf(name: string): string | undefined {
    const [named] = this.#keysOf(name);
    if (named !== undefined)
      return (
        this.#manifests.get(named.datacenter)?.get(named.key) ??
        this.#named.get(placeOf(named.datacenter, named.key))?.get(named.key)
      );
    return this.#datacenters
      .map((datacenter) => this.#manifests.get(datacenter)?.get(defaultKey(name)))
      .find((value) => value !== undefined);
  }

  /** The key that the newest registration names, where one does; its value is in the datacenter of the instance. */
  #keysOf(name: string): readonly NamedKey[] {
    const all = [...(this.#instances.get(name) ?? [])].flatMap(([datacenter, instances]) =>
      instances.map(({ meta, modifyIndex }) => ({
        datacenter,
        key: meta['mcp-manifest'] ?? '',
        modifyIndex,
      })),
    );
    return all
      .filter(({ key }) => key !== '')
      .sort((a, b) => b.modifyIndex - a.modifyIndex)
      .slice(0, 1);
  }
}

const defaultKey = (name: string): string => `${manifestPrefix}${name}/manifest`;

const placeOf = (datacenter: string, key: string): string => `${datacenter}\0${key}`;
