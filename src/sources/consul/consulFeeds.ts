import type Consul from 'consul';
import { Subject, Subscription, type Observable } from 'rxjs';
import type { ConsulSettings } from '../../config/consulSettings.js';
import type { Discovery } from './discovery.js';
import type { BlockingQueryOptions, Reading } from './fromBlockingQuery.js';
import { fromKv, fromKvKey, type KvValues } from './fromKv.js';
import { manifestPrefix, ServiceDirectory, type NamedKey } from './serviceDirectory.js';
import { ServicesWatch } from './servicesWatch.js';
import { WatchSlots } from './watchSlots.js';

/** Where the public keys of those are who sign tools. */
const trustPrefix = 'capi-mcp-trust-keys/';

/** The feeds of all datacenters, gathered in one directory. Starts with its construction. */
export class ConsulFeeds {
  readonly #client: Consul;
  readonly #settings: ConsulSettings;
  readonly #directory: ServiceDirectory;
  readonly #slots: WatchSlots;
  readonly #open = new Subscription();
  readonly #named = new Map<string, Subscription>();
  readonly #changes = new Subject<void>();
  /** What the first picture still needs. */
  readonly #awaited = new Set<string>();
  readonly #failures = new Map<string, string>();
  /** Keys of KV that services have their policies in: whoever asks those policies watches them. */
  #policyKeys = 0;
  #settled = 0;
  #complete = false;

  constructor(client: Consul, settings: ConsulSettings) {
    this.#client = client;
    this.#settings = settings;
    this.#slots = new WatchSlots(settings.maxWatches);
    // Without a name the agent's own.
    const datacenters = settings.datacenters.length === 0 ? [''] : settings.datacenters;
    this.#directory = new ServiceDirectory(settings, datacenters);
    if (settings.signatures !== 'off')
      this.#follow('keys', (query) => fromKv(client, trustPrefix, query), {
        datacenter: '',
        take: (keys) => keys && this.#directory.setTrusted(withoutPrefix(keys)),
      });
    for (const datacenter of datacenters) this.#followDatacenter(datacenter);
  }

  /** Something may be different from what {@link discovery} gave last. */
  get changes$(): Observable<void> {
    return this.#changes.asObservable();
  }

  discovery(): Discovery {
    this.#followNamed();
    const [failure] = this.#failures.values();
    const answered = this.#awaited.size === 0;
    this.#complete ||= answered;
    const found = this.#directory.snapshot();
    this.#countPolicies(found.servers);
    return {
      ...found,
      ready: this.#settled > 0 && answered,
      answered,
      failure,
      watches: this.#slots.taken,
    };
  }

  close(): void {
    this.#open.unsubscribe();
    for (const subscription of this.#named.values()) subscription.unsubscribe();
    this.#client.destroy();
  }

  #countPolicies(servers: Discovery['servers']): void {
    const keys = new Set(
      servers.flatMap(({ policies = [] }) =>
        policies.flatMap(({ source }) =>
          source?.kind === 'rego'
            ? source.at.flatMap((place) => (place.kind === 'key' ? place.key : []))
            : [],
        ),
      ),
    );
    for (; this.#policyKeys < keys.size; this.#policyKeys++) this.#slots.insist();
    for (; this.#policyKeys > keys.size; this.#policyKeys--) this.#slots.free();
  }

  #followDatacenter(datacenter: string): void {
    const services = `services ${datacenter}`;
    this.#awaited.add(services);
    const watch = new ServicesWatch(this.#client, {
      settings: this.#settings,
      datacenter: datacenter === '' ? undefined : datacenter,
      slots: this.#slots,
      tell: (event) => {
        if (event.kind === 'service') this.#directory.setInstances(datacenter, event.name, event.instances);
        else if (event.kind === 'feed') this.#note(`${event.feed} ${datacenter}`, event.failure, services);
        else {
          this.#settled++;
          this.#awaited.delete(services);
        }
        this.#changes.next();
      },
    });
    this.#open.add(() => watch.close());
    this.#follow(`manifests ${datacenter}`, (query) => fromKv(this.#client, manifestPrefix, query), {
      datacenter,
      take: (values) => this.#directory.setManifests(datacenter, values),
    });
  }

  #follow(
    feed: string,
    from: (query: BlockingQueryOptions) => Observable<Reading<KvValues>>,
    { datacenter, take }: { readonly datacenter: string; readonly take: (values?: KvValues) => void },
  ): void {
    this.#awaited.add(feed);
    this.#slots.insist();
    this.#open.add(
      from(this.#query(datacenter)).subscribe(({ value, failure }) => {
        this.#note(feed, failure, feed);
        take(value);
        this.#awaited.delete(feed);
        this.#changes.next();
      }),
    );
  }

  /** Manifests that registrations name, each for as long as one does. */
  #followNamed(): void {
    const wanted = new Map(this.#directory.namedKeys.map((named) => [JSON.stringify(named), named]));
    for (const [id, subscription] of this.#named) {
      if (wanted.has(id)) continue;
      subscription.unsubscribe();
      this.#named.delete(id);
    }
    for (const [id, named] of wanted) if (!this.#named.has(id)) this.#named.set(id, this.#followKey(named));
  }

  #followKey(named: NamedKey): Subscription {
    const watched = this.#slots.take();
    const feed = `manifest ${named.key} ${named.datacenter}`;
    if (!this.#complete) this.#awaited.add(feed);
    const subscription = fromKvKey(this.#client, named.key, this.#query(named.datacenter), watched).subscribe(
      ({ value, failure }) => {
        this.#note(feed, failure, feed);
        this.#awaited.delete(feed);
        this.#directory.setNamed(named, value);
        this.#changes.next();
      },
    );
    subscription.add(() => {
      this.#failures.delete(feed);
      this.#awaited.delete(feed);
      this.#directory.forgetNamed(named);
      if (watched) this.#slots.free();
    });
    return subscription;
  }

  #query(datacenter: string): BlockingQueryOptions {
    return {
      query: datacenter === '' ? {} : { dc: datacenter },
      waitMs: this.#settings.waitMs,
    };
  }

  /** A failure is an answer too: nobody waits for a datacenter that is away. */
  #note(feed: string, failure: string | undefined, answers: string): void {
    if (failure === undefined) this.#failures.delete(feed);
    else {
      this.#failures.set(feed, failure);
      this.#awaited.delete(answers);
    }
  }
}

const withoutPrefix = (keys: KvValues): KvValues =>
  new Map([...keys].map(([key, value]) => [key.slice(trustPrefix.length), value]));
