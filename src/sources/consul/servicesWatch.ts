import type Consul from 'consul';
import { finalize, Subscription, timer } from 'rxjs';
import type { ConsulSettings } from '../../config/consulSettings.js';
import { askConsul } from './askConsul.js';
import { checkStates, ofNodes } from './checkStates.js';
import { consulFailure } from './consulFailure.js';
import { fromBlockingQuery } from './fromBlockingQuery.js';
import { isMcp } from './isMcp.js';
import { registrations, type Registration } from './registration.js';
import type { ServicesEvent } from './servicesEvent.js';
import type { WatchSlots } from './watchSlots.js';

export interface ServicesWatchOptions {
  readonly settings: ConsulSettings;
  /** Undefined for the agent's own. */
  readonly datacenter: string | undefined;
  readonly slots: WatchSlots;
  readonly tell: (event: ServicesEvent) => void;
}

interface Service {
  tags: string;
  /** It was one for an MCP gateway when it was last looked at. */
  mcp: boolean;
  watch: Subscription | undefined;
}

/** Plain questions under way at once. */
const parallel = 16;
/** After a failed look, in milliseconds. */
const retryMs = 1000;
/** A round of looks is followed by a pause of so many times its length, and of this at least, in milliseconds. */
const rest = { times: 1, leastMs: 50 } as const;

/**
 * Follows the services of one datacenter with few questions: one blocking query for the names of all, one for each service that
 * is for an MCP gateway, as far as there are slots. MCP services beyond these are looked at as soon as one of their checks has changed:
 * one blocking query tells of all. What else changes in the catalogue (Meta, addresses) does not say where: then all that have no watch
 * are looked at, MCP services first; in rounds, so that a busy cluster is not asked all the time.
 */
export class ServicesWatch {
  readonly #client: Consul;
  readonly #options: ServicesWatchOptions;
  readonly #services = new Map<string, Service>();
  /** To be looked at as soon as possible, in this order. */
  #due = new Set<string>();
  /** To be looked at in the next round. */
  readonly #later = new Set<string>();
  readonly #open = new Subscription();
  #states: Subscription | undefined;
  #checks: ReadonlyMap<string, string> | undefined;
  #round: Subscription | undefined;
  #roundBegan = 0;
  #restUntil = 0;
  #asking = 0;
  #listed = false;
  #settled = false;

  constructor(client: Consul, options: ServicesWatchOptions) {
    this.#client = client;
    this.#options = options;
    options.slots.insist();
    const { catalog } = client;
    this.#open.add(() => options.slots.free());
    this.#open.add(
      fromBlockingQuery<Readonly<Record<string, readonly string[]>>>(
        client,
        catalog.service.list.bind(catalog.service),
        this.#query({}),
      ).subscribe(({ value, failure }) => {
        this.#tellFeed('services', failure);
        if (value !== undefined) this.#list(value);
      }),
    );
  }

  close(): void {
    this.#open.unsubscribe();
    this.#states?.unsubscribe();
    this.#round?.unsubscribe();
    for (const service of this.#services.values()) this.#unwatch(service);
  }

  #query(query: Readonly<Record<string, string>>) {
    const { datacenter, settings } = this.#options;
    return {
      query: { ...query, ...(datacenter !== undefined && { dc: datacenter }) },
      waitMs: settings.waitMs,
    };
  }

  #tellFeed(feed: string, failure: string | undefined): void {
    this.#options.tell({ kind: 'feed', feed, failure });
  }

  /** The names of all services, with the tags of all their instances. */
  #list(found: Readonly<Record<string, readonly string[]>>): void {
    const { tags: wanted } = this.#options.settings;
    const names = Object.entries(found).filter(([, tags]) => wanted.every((tag) => tags.includes(tag)));
    const listed = new Set(names.map(([name]) => name));
    for (const [name, service] of this.#services) if (!listed.has(name)) this.#drop(name, service);
    for (const [name, tags] of names) {
      const known = this.#services.get(name);
      const joined = [...tags].sort().join();
      if (known === undefined) this.#services.set(name, { tags: joined, mcp: false, watch: undefined });
      if (known?.tags !== joined) this.#due.add(name);
      else if (known.watch === undefined) this.#later.add(name);
      if (known !== undefined) known.tags = joined;
    }
    this.#listed = true;
    this.#ask();
    this.#planRound();
  }

  /** Asks what is due, as many at once as allowed. */
  #ask(): void {
    for (const name of this.#due) {
      if (this.#asking >= parallel) return;
      this.#due.delete(name);
      const service = this.#services.get(name);
      if (service !== undefined && service.watch === undefined) this.#look(name);
    }
    if (this.#asking > 0) return;
    this.#endRound();
    if (!this.#listed || this.#settled) return;
    this.#settled = true;
    this.#options.tell({ kind: 'settled' });
  }

  #look(name: string): void {
    const { health } = this.#client;
    this.#asking++;
    const look = askConsul(health.service.bind(health), this.#query({ service: name }).query)
      .pipe(
        finalize(() => {
          this.#asking--;
          this.#open.remove(look);
          if (!this.#open.closed) this.#ask();
        }),
      )
      .subscribe({
        next: (answer) => {
          this.#tellFeed('look', undefined);
          this.#see(name, registrations(answer));
        },
        error: (error: unknown) => {
          this.#tellFeed('look', consulFailure(error));
          this.#later.add(name);
          this.#restUntil = performance.now() + retryMs;
          this.#planRound();
        },
      });
    this.#open.add(look);
  }

  /** The next round of looks at what has no watch of its own, when its time has come. */
  #planRound(): void {
    if (this.#round !== undefined || this.#later.size === 0) return;
    this.#round = timer(Math.max(0, this.#restUntil - performance.now())).subscribe(() => {
      this.#roundBegan = performance.now();
      const later = [...this.#later];
      const isOurs = (name: string): boolean => this.#services.get(name)?.mcp === true;
      for (const name of [...later.filter(isOurs), ...later]) this.#due.add(name);
      this.#later.clear();
      this.#ask();
    });
  }

  #endRound(): void {
    if (this.#round?.closed !== true) return;
    const now = performance.now();
    this.#round = undefined;
    const pause = Math.max(rest.leastMs, (now - this.#roundBegan) * rest.times);
    this.#restUntil = Math.max(this.#restUntil, now + pause);
    this.#planRound();
  }

  #see(name: string, all: readonly Registration[]): void {
    const service = this.#services.get(name);
    if (service === undefined) return;
    const mine = all.filter((one) => this.#isMine(one));
    if (mine.length > 0 || service.mcp) this.#options.tell({ kind: 'service', name, instances: mine });
    // Those of another gateway have no watch: there may be many.
    service.mcp = mine.length > 0;
    if (!service.mcp) this.#unwatch(service);
    else if (service.watch === undefined && this.#options.slots.take()) service.watch = this.#watch(name);
    this.#watchStates();
  }

  #isMine({ meta, tags }: Registration): boolean {
    const { tags: wanted, namespaces, instance } = this.#options.settings;
    const meant = meta['capi-instance'] ?? '';
    return (
      isMcp(meta) &&
      wanted.every((tag) => tags.includes(tag)) &&
      (namespaces === undefined || namespaces.includes(meta['mcp-namespace'] ?? '')) &&
      (instance === undefined || meant === '' || meant === instance)
    );
  }

  #watch(name: string): Subscription {
    const { health } = this.#client;
    const feed = `service ${name}`;
    const watch = fromBlockingQuery(
      this.#client,
      health.service.bind(health),
      this.#query({ service: name }),
    ).subscribe(({ value, failure }) => {
      this.#tellFeed(feed, failure);
      if (failure === undefined) this.#see(name, registrations(value));
    });
    watch.add(() => {
      this.#options.slots.free();
      this.#tellFeed(feed, undefined);
    });
    return watch;
  }

  /** A slot that becomes free is for the next service that has none. */
  #unwatch(service: Service): void {
    const { watch } = service;
    if (watch === undefined) return;
    service.watch = undefined;
    watch.unsubscribe();
    if (this.#open.closed) return;
    for (const [name, other] of this.#services)
      if (other.mcp && other.watch === undefined) {
        this.#later.add(name);
        this.#planRound();
        return;
      }
  }

  #drop(name: string, service: Service): void {
    this.#services.delete(name);
    this.#due.delete(name);
    this.#later.delete(name);
    this.#unwatch(service);
    if (service.mcp) this.#options.tell({ kind: 'service', name, instances: [] });
    this.#watchStates();
  }

  /** The state of all checks, only while there are MCP services that have no watch. */
  #watchStates(): void {
    const unwatched = [...this.#services.values()].some(({ mcp, watch }) => mcp && watch === undefined);
    if (!unwatched) {
      this.#states?.unsubscribe();
      this.#states = undefined;
      this.#checks = undefined;
      return;
    }
    const { health } = this.#client;
    this.#states ??= fromBlockingQuery(
      this.#client,
      health.state.bind(health),
      this.#query({ state: 'any' }),
    ).subscribe(({ value, failure }) => {
      this.#tellFeed('states', failure);
      if (failure === undefined) this.#compareChecks(checkStates(value));
    });
  }

  #compareChecks(checks: ReadonlyMap<string, string>): void {
    const before = this.#checks;
    this.#checks = checks;
    const unwatched = [...this.#services].filter(([, { mcp, watch }]) => mcp && watch === undefined);
    const differs = (name: string): boolean => before?.get(name) !== checks.get(name);
    if (before === undefined || differs(ofNodes)) for (const [name] of unwatched) this.#later.add(name);
    else this.#due = new Set([...unwatched.map(([name]) => name).filter(differs), ...this.#due]);
    this.#ask();
    this.#planRound();
  }
}
