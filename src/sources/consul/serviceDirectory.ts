import type { ConsulSettings } from '../../config/consulSettings.js';
import type { ServerSettings } from '../../config/settings.js';
import type { Discovery } from './discovery.js';
import type { KvValues } from './fromKv.js';
import type { Registration } from './registration.js';
import { namedPolicies } from './namedPolicies.js';
import { toServer, type DiscoveredServer, type ServiceFacts } from './toServer.js';

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
  /** By datacenter, as far as KV has answered; null where it can't be read. */
  readonly #manifests = new Map<string, KvValues | null>();
  /** By place, likewise. */
  readonly #named = new Map<string, KvValues | null>();
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

  /** All manifests under the usual prefix; undefined where KV can't be read: what was read before stays. */
  setManifests(datacenter: string, values: KvValues | undefined): void {
    const before = this.#manifests.get(datacenter);
    if (before !== undefined && values === undefined) return;
    this.#manifests.set(datacenter, values ?? null);
    for (const name of this.#instances.keys()) {
      const keys = [defaultKey(name), ...this.#keysOf(name).map(({ key }) => key)];
      if (before === undefined || before === null || keys.some((key) => before.get(key) !== values?.get(key)))
        this.#changed.add(name);
    }
  }

  /** The value of a key that a registration names; undefined where it can't be read. */
  setNamed(named: NamedKey, values: KvValues | undefined): void {
    const place = placeOf(named);
    if (values === undefined && this.#named.has(place)) return;
    this.#named.set(place, values ?? null);
    for (const name of this.#instances.keys())
      if (this.#keysOf(name).some(({ key }) => key === named.key)) this.#changed.add(name);
  }

  /** No registration names the key any more. */
  forgetNamed(named: NamedKey): void {
    this.#named.delete(placeOf(named));
  }

  /** Public keys by id. */
  setTrusted(keys: KvValues): void {
    this.#trusted = keys;
    for (const name of this.#instances.keys()) this.#changed.add(name);
  }

  /** Manifests beside the usual prefix: whoever owns the directory has to fetch them. */
  get namedKeys(): readonly NamedKey[] {
    const named = [...this.#instances.keys()].flatMap((name) => this.#keysOf(name));
    return [...new Map(named.filter(isOutside).map((one) => [placeOf(one), one])).values()];
  }

  snapshot(): Pick<Discovery, 'servers' | 'namespaces' | 'notices'> {
    for (const name of this.#changed) this.#renew(name);
    this.#changed.clear();
    const servers: ServerSettings[] = [];
    const namespaces = new Map<string, string[]>();
    const notices = new Map<string, readonly string[]>();
    for (const name of this.#byAge()) {
      const known = this.#known.get(name);
      if (known === undefined) continue;
      if (known.notices.length > 0) notices.set(name, known.notices);
      if (known.server === undefined) continue;
      servers.push(known.server.settings);
      const { namespace } = known.server;
      if (namespace !== undefined) namespaces.set(namespace, [...(namespaces.get(namespace) ?? []), name]);
    }
    return { servers, namespaces, notices };
  }

  /**
   * Names of services, those registered first at the front: nobody takes the name of a tool from a service that has it by registering
   * another. Indexes of several datacenters can't be compared, so services of the preferred one go before. What is critical counts
   * too: checks are no reason for names to change.
   */
  #byAge(): readonly string[] {
    const age = (byDatacenter: ReadonlyMap<string, readonly Registration[]>) => {
      const rank = this.#datacenters.findIndex((datacenter) => byDatacenter.has(datacenter));
      const instances = byDatacenter.get(this.#datacenters[rank] ?? '') ?? [];
      return { rank, index: Math.min(...instances.map(({ createIndex }) => createIndex)) };
    };
    return [...this.#instances]
      .map(([name, byDatacenter]) => ({ name, ...age(byDatacenter) }))
      .sort((a, b) => {
        if (a.rank !== b.rank) return a.rank - b.rank;
        if (a.index !== b.index) return a.index < b.index ? -1 : 1;
        return a.name < b.name ? -1 : 1;
      })
      .map(({ name }) => name);
  }

  #renew(name: string): void {
    const { instances, standby } = this.#usable(name);
    const manifest = this.#manifestOf(name);
    // Not before it is known what its manifest says: that may be who must not call. For that moment it stays as it was, unless that
    // is open to anyone and the service has a policy now.
    const guarded = instances.some(({ meta }) => namedPolicies(meta).length > 0);
    if (instances.length === 0 || (manifest === undefined && guarded)) this.#known.delete(name);
    if (instances.length === 0 || manifest === undefined) return;
    const facts = { instances, standby, ...manifest, trusted: this.#trusted };
    const found = toServer(name, facts, this.#settings);
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

  /** Undefined where nobody has answered yet. */
  #manifestOf(name: string): Pick<ServiceFacts, 'manifest' | 'manifestKey' | 'manifestRead'> | undefined {
    const [named] = this.#keysOf(name);
    const sources = named === undefined ? this.#sourcesOf(name) : [this.#sourceOf(named)];
    if (sources.includes(undefined)) return undefined;
    const key = named?.key ?? defaultKey(name);
    const manifest = sources.map((values) => values?.get(key)).find((value) => value !== undefined);
    return { manifest, manifestKey: named?.key, manifestRead: !sources.includes(null) };
  }

  #sourceOf(named: NamedKey): KvValues | null | undefined {
    return isOutside(named) ? this.#named.get(placeOf(named)) : this.#manifests.get(named.datacenter);
  }

  /** A datacenter that has no instance of the service may be away. */
  #sourcesOf(name: string): readonly (KvValues | null | undefined)[] {
    const own = this.#instances.get(name);
    return this.#datacenters
      .filter((datacenter) => own?.has(datacenter) === true || this.#manifests.get(datacenter))
      .map((datacenter) => this.#manifests.get(datacenter));
  }

  /** The key that the newest registration names, where one does; its value is in the datacenter of the instance. */
  #keysOf(name: string): readonly NamedKey[] {
    const all = [...(this.#instances.get(name) ?? [])].flatMap(([datacenter, instances]) =>
      instances.map(({ meta, modifyIndex }) => ({
        named: { datacenter, key: meta['mcp-manifest'] ?? '' },
        modifyIndex,
      })),
    );
    return all
      .filter(({ named }) => named.key !== '')
      .sort((a, b) => b.modifyIndex - a.modifyIndex)
      .slice(0, 1)
      .map(({ named }) => named);
  }
}

const defaultKey = (name: string): string => `${manifestPrefix}${name}/manifest`;

const isOutside = ({ key }: NamedKey): boolean => !key.startsWith(manifestPrefix);

const placeOf = ({ datacenter, key }: NamedKey): string => `${datacenter}\0${key}`;
