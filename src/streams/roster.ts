import { BehaviorSubject, EMPTY, map, merge, Subject, type Observable, type Subscription } from 'rxjs';
import type { ServerSettings, Settings } from '../config/settings.js';
import type { CatalogEvent, CatalogServer } from './catalog.js';
import type { CompletedElicitation } from './elicitations.js';
import type { Instances } from './serverState.js';
import type { Log } from './log.js';
import { offers, type Offers, type OffersOptions } from './offers.js';
import { whileListed } from './whileListed.js';

/** How the instances of a server go on after they have been made. */
export interface Following {
  /** The server's settings, and each later version that needs no new connections; its addresses may be others. */
  readonly settings$: Observable<ServerSettings>;
  /** How long the calls of an instance that is no more may go on, in milliseconds. */
  readonly graceMs: () => number;
}

/** Instances that can be closed: their own calls are let go on for so many milliseconds. */
type Connected = Instances & { close(graceMs: number): Promise<void> };

/** Makes the instances of a server; the only place where a configuration becomes connections. */
export type Connect = (settings: ServerSettings, following: Following) => Connected;

export interface RosterOptions extends OffersOptions {
  readonly connect: Connect;
  readonly log: Log;
}

interface Member {
  readonly key: string;
  readonly server: CatalogServer & { readonly instances: Connected };
  readonly settings: BehaviorSubject<ServerSettings>;
  readonly offers: Offers;
  readonly feed: Subscription;
}

type NewMember = Omit<Member, 'offers' | 'feed'>;

const isStarted = (member: NewMember): member is Member => 'offers' in member;

/**
 * The servers in service, following the configuration: what is new is connected, what has gone is let finish and closed, what
 * stays the same is not touched.
 */
export class Roster {
  readonly #events = new Subject<CatalogEvent>();
  readonly #completed = new Subject<CompletedElicitation>();
  readonly #options: RosterOptions;
  readonly #retiring = new Set<Promise<void>>();
  #members: readonly Member[] = [];
  #graceMs = 0;

  constructor(options: RosterOptions) {
    this.#options = options;
  }

  /** What happens to servers and offers; folded into the catalogue. */
  get events$(): Observable<CatalogEvent> {
    return this.#events.asObservable();
  }

  /** Elicitations by URL that servers say are done. */
  get completed$(): Observable<CompletedElicitation> {
    return this.#completed.asObservable();
  }

  /** Takes a new configuration. */
  configure(settings: Settings): void {
    this.#graceMs = settings.drainTimeoutMs;
    const before = this.#members;
    const byKey = new Map(before.map((member) => [member.key, member]));
    const after = settings.servers.map((server) => {
      const key = connectionKey(server);
      const same = byKey.get(key);
      return same === undefined
        ? this.#connect(key, server)
        : { ...same, server: { ...same.server, settings: server } };
    });
    // The catalogue has to know a server before its first offer arrives.
    this.#events.next({ kind: 'configured', settings, servers: after.map(({ server }) => server) });
    this.#members = after.map((member) => (isStarted(member) ? member : this.#start(member)));
    for (const { settings: newest, server } of this.#members) newest.next(server.settings);
    const kept = new Set(this.#members.map(({ server }) => server.instances));
    for (const member of before)
      if (!kept.has(member.server.instances)) this.#sendAway(member, settings.drainTimeoutMs);
  }

  /** Completes when every offer, or every one of those servers', is as fresh as it can be now. Never errors. */
  refresh(names?: readonly string[], maxAgeMs?: number): Observable<never> {
    const asked = this.#members.filter(({ server }) => names?.includes(server.settings.name) ?? true);
    return asked.length === 0 ? EMPTY : merge(...asked.map((member) => member.offers.refresh(maxAgeMs)));
  }

  /** How much longer what all of those servers offer is good that may be so old, in milliseconds (see offers.ts). */
  leftMs(names: readonly string[], maxAgeMs: number): number {
    const asked = this.#members.filter(({ server }) => names.includes(server.settings.name));
    return Math.min(maxAgeMs, ...asked.map(({ offers: { leftMs } }) => leftMs(maxAgeMs)));
  }

  /** Ends all connections and children. */
  async close(graceMs: number): Promise<void> {
    const members = this.#members;
    this.#members = [];
    // Those that a changed configuration has sent away may still be at it.
    await Promise.all([...this.#retiring, ...members.map((member) => this.#retire(member, graceMs))]);
    this.#events.complete();
    this.#completed.complete();
  }

  #connect(key: string, server: ServerSettings): NewMember {
    const settings = new BehaviorSubject(server);
    const instances = this.#options.connect(server, {
      settings$: settings.asObservable(),
      graceMs: () => this.#graceMs,
    });
    return { key, settings, server: { settings: server, instances } };
  }

  #start({ key, settings, server }: NewMember): Member {
    const feed = offers(server, this.#options);
    const { log } = this.#options;
    const subscription = feed.events$.subscribe((event) => {
      if (event.kind === 'failed')
        log.warn({ event: 'server_failed', server: server.settings.name }, event.reason);
      if (event.kind === 'offered')
        for (const warning of event.offer.warnings)
          log.debug({ event: 'offer_warning', server: server.settings.name }, warning);
      this.#events.next(event);
    });
    subscription.add(
      server.instances.changes$
        .pipe(
          whileListed(({ backend }) => backend.completed$),
          map((completion) => ({ ...completion, server: server.settings.name })),
        )
        .subscribe((completed) => this.#completed.next(completed)),
    );
    return { key, settings, server, offers: feed, feed: subscription };
  }

  #sendAway(member: Member, graceMs: number): void {
    const retired = this.#retire(member, graceMs).finally(() => this.#retiring.delete(retired));
    this.#retiring.add(retired);
  }

  async #retire({ feed, server }: Member, graceMs: number): Promise<void> {
    feed.unsubscribe();
    await server.instances.close(graceMs);
  }
}

/**
 * What a connection depends on. Names, access lists and time limits of calls may change without a new one, and addresses: an
 * instance that stays is not touched.
 */
const connectionKey = (settings: ServerSettings): string => {
  const known = keys.get(settings);
  if (known !== undefined) return known;
  const key = JSON.stringify({
    ...settings,
    ...('urls' in settings && {
      urls: settings.dns && settings.urls,
      balancing: settings.balancing && { ...settings.balancing, weights: undefined, standby: undefined },
    }),
    prefix: undefined,
    timeoutMs: undefined,
    times: settings.times?.connectMs,
    forwardDeadline: undefined,
    include: undefined,
    exclude: undefined,
    capabilities: undefined,
  });
  keys.set(settings, key);
  return key;
};
/** By the settings object: of a thousand discovered services one has changed, and the others are the same objects. */
const keys = new WeakMap<ServerSettings, string>();
