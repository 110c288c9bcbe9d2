import { asyncScheduler, BehaviorSubject, Subscription, type Observable, type SchedulerLike } from 'rxjs';
import type { BalancingSettings } from '../../config/balancingSettings.js';
import type { Backend } from '../backend.js';
import { brokenBackend } from '../brokenBackend.js';
import type { Log } from '../log.js';
import type { Instance, Instances, Staleness } from '../serverState.js';
import { whileListed } from '../whileListed.js';
import { hash } from './hash.js';
import { noReport } from './healthReport.js';
import { Peers } from './peers.js';
import type { Place, Places } from './places.js';
import { Reach } from './reach.js';
import { Standing } from './standing.js';
import { vigil } from './vigil.js';

export interface LiveInstancesOptions {
  /** The server's name. */
  readonly server: string;
  /** Where it runs. Should not error; the first value may be late. */
  readonly places$: Observable<Places>;
  readonly connect: (place: Place) => { readonly backend: Backend } & Pick<Instance, 'probe'>;
  /** Undefined where instances have no standings: for a server with one. */
  readonly balancing: BalancingSettings | undefined;
  /** How long the calls of an instance that is no more may go on, in milliseconds. */
  readonly graceMs: () => number;
  readonly log: Log;
  readonly scheduler?: SchedulerLike;
}

/** Longest reason in the log, in characters. */
const maxReason = 500;

/**
 * The instances of a server, following the places where it runs: a new place is connected, one that is gone is let finish and closed,
 * one that stays keeps its connections, its breaker and its health.
 *
 * ```
 * places      --[p,q]----[q,r]---
 * instances   --[P,Q]----[Q,R]---      P is closed once its calls have ended
 * ```
 */
export class LiveInstances implements Instances {
  readonly #options: LiveInstancesOptions;
  readonly #peers: Peers | undefined;
  readonly #list = new BehaviorSubject<readonly Instance[]>([]);
  readonly #following = new Subscription();
  readonly #closing = new Set<Promise<void>>();
  /** By the keys of their places. */
  #byPlace: ReadonlyMap<string, Instance> = new Map();
  #stale: Staleness | undefined;

  constructor(options: LiveInstancesOptions) {
    this.#options = options;
    const { server, places$, balancing, log, scheduler = asyncScheduler } = options;
    if (balancing !== undefined)
      this.#peers = new Peers({
        retry: balancing.retry,
        slowFactor: balancing.breaker?.slowFactor,
        hedge: balancing.hedge,
        scheduler,
      });
    const watch = { server, healthCheck: balancing?.healthCheck, log, scheduler };
    this.#following.add(places$.subscribe((places) => this.#take(places)));
    this.#following.add(this.#list.pipe(whileListed((instance) => vigil(instance, watch))).subscribe());
  }

  get server(): string {
    return this.#options.server;
  }

  get current(): readonly Instance[] {
    return this.#list.value;
  }

  get changes$(): Observable<readonly Instance[]> {
    return this.#list.asObservable();
  }

  get stale(): Staleness | undefined {
    return this.#stale;
  }

  /** Follows no more, and closes all there are; resolves when they are gone, those of before included. */
  async close(graceMs: number): Promise<void> {
    this.#following.unsubscribe();
    for (const instance of this.current) this.#sendAway(instance, graceMs);
    await Promise.all(this.#closing);
  }

  #take({ places, stale }: Places): void {
    this.#note(stale);
    const before = this.#byPlace;
    const after = new Map<string, Instance>();
    for (const place of places) {
      const key = keyOf(place);
      // An address that is written twice is one instance.
      if (after.has(key)) continue;
      const known = before.get(key);
      known?.standing?.rank(place.weight, place.standby);
      after.set(key, known ?? this.#begin(key, place));
    }
    this.#byPlace = after;
    const list = [...after.values()];
    const old = this.current;
    if (list.length !== old.length || list.some((instance, index) => instance !== old[index]))
      this.#list.next(list);
    // No new call is sent there by now.
    for (const [key, instance] of before)
      if (!after.has(key)) {
        const { server, log } = this.#options;
        log.info({ event: 'instance_gone', server, instance: instance.id }, 'A server has an instance less');
        this.#sendAway(instance, this.#options.graceMs());
      }
  }

  #note(stale: Staleness | undefined): void {
    const before = this.#stale?.reason;
    this.#stale = stale;
    if (before === stale?.reason) return;
    const { server, log } = this.#options;
    if (stale !== undefined)
      log.warn(
        { event: 'addresses_stale', server, reason: stale.reason },
        'What was known of the addresses stays',
      );
    else log.info({ event: 'addresses_fresh', server }, 'The addresses are known again');
  }

  /** One that is configured in a way that can't work is down; the gateway and its other servers are not. */
  #connect(instance: string, place: Place): ReturnType<LiveInstancesOptions['connect']> | undefined {
    const { server, connect, log } = this.#options;
    try {
      return connect(place);
    } catch (error) {
      const fields = { event: 'instance_unusable', server, instance, reason: reasonOf(error) };
      log.error(fields, 'An instance can not be used as it is configured');
      return undefined;
    }
  }

  #begin(key: string, place: Place): Instance {
    const { server, balancing, scheduler = asyncScheduler } = this.#options;
    const seed = hash(key);
    // Where there is no address there is but one.
    const id = `${server}#${place.url === '' ? '1' : seed.toString(16).padStart(8, '0')}`;
    const connected = this.#connect(id, place);
    const instance: Instance = {
      id,
      ...(connected ?? { backend: brokenBackend }),
      ...(balancing?.breaker === undefined && { reach: new Reach() }),
      ...(this.#peers !== undefined && {
        standing: new Standing({
          weight: place.weight,
          standby: place.standby,
          seed,
          breaker: balancing?.breaker,
          peers: this.#peers,
          scheduler,
        }),
      }),
    };
    if (connected === undefined) instance.standing?.report({ ...noReport, status: 'unhealthy' });
    const { log } = this.#options;
    const fields = { event: 'instance_added', server, instance: instance.id, address: addressOf(place) };
    // Those it begins with are no news.
    if (this.#byPlace.size === 0) log.debug(fields, 'A server has an instance');
    else log.info(fields, 'A server has an instance more');
    return instance;
  }

  #sendAway({ backend }: Instance, graceMs: number): void {
    const { log, server } = this.#options;
    const closed: Promise<void> = backend
      .close(graceMs)
      .catch((err: unknown) =>
        log.warn({ event: 'close_failed', server, err }, 'A backend did not close cleanly'),
      )
      .finally(() => this.#closing.delete(closed));
    this.#closing.add(closed);
  }
}

/** For the log; a query may hold a secret. */
const addressOf = ({ url, at }: Place): string => {
  if (at !== undefined) return `${at.host} port ${at.port}`;
  return URL.canParse(url) ? new URL(url).host : '';
};

/** Why, without the addresses that a message may repeat, for these may hold a secret. */
const reasonOf = (error: unknown): string =>
  String(error)
    .replaceAll(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[address]')
    .slice(0, maxReason);

/** What tells a place from others, wherever the gateway runs. */
const keyOf = ({ url, at }: Place): string =>
  at === undefined ? url : `${url} at ${at.host} port ${at.port}`;
