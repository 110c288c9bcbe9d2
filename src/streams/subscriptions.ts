/** What clients want to hear of resources, shared: many clients of one resource are one subscription at its server. */
import {
  asyncScheduler,
  defer,
  distinctUntilChanged,
  finalize,
  map,
  merge,
  of,
  share,
  switchMap,
  tap,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { exhausted } from '../protocol/exhausted.js';
import { isObject } from '../protocol/jsonrpc.js';
import type { Catalog } from './catalog.js';
import type { Viewpoint } from './exchange.js';
import type { Latest } from './latest.js';
import { providerOf } from './providerOf.js';
import type { Instances } from './serverState.js';
import { watchInstances, type WatchEvent } from './subscriptionsUpstream.js';
import type { View } from './view.js';

export interface SubscriptionsOptions {
  readonly catalog: Latest<Catalog>;
  /** Most resources watched at one server; those beyond are refused, `ERR_SUBSCRIPTIONS_EXHAUSTED`. */
  readonly maxPerServer?: () => number;
  /** Waits between attempts at a server that does not answer: doubling from `firstMs` up to `maxMs`, half of it random. */
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
  readonly scheduler?: SchedulerLike;
}

/** Why a resource is not watched. */
type Lack = 'unknown' | 'unsupported';

/**
 * Watches resources for clients, once for all of them: the first that wants one makes its server watch it, the last that goes
 * lets go of it.
 */
export class Subscriptions {
  readonly #catalog: Latest<Catalog>;
  readonly #options: Required<Omit<SubscriptionsOptions, 'catalog'>>;
  readonly #shared = new Map<Instances, Map<string, Observable<WatchEvent>>>();

  constructor({
    catalog,
    backoff,
    maxPerServer = () => Infinity,
    scheduler = asyncScheduler,
  }: SubscriptionsOptions) {
    this.#catalog = catalog;
    this.#options = { backoff, maxPerServer, scheduler };
  }

  /** How many resources are watched at servers. */
  get size(): number {
    let size = 0;
    for (const watched of this.#shared.values()) size += watched.size;
    return size;
  }

  /** Whether there is somewhere this caller may have this resource from. */
  knows(from: Viewpoint, uri: string): boolean {
    const view = this.#catalog.current.view(from);
    return view !== undefined && providerOf(view, uri) !== undefined;
  }

  /**
   * Watches a resource for one client.
   *
   * ```
   * server     --------u--u-----(new configuration: another server)--
   * watch      --w-----u--u---------------------------------------u--     w watching, u updated
   * ```
   *
   * First `watching` or `refused`, then `updated` again and again; also when something may have been missed, because the server
   * was away or another one took its place. Never completes or errors.
   */
  watch(from: Viewpoint, uri: string): Observable<WatchEvent> {
    return defer(() => {
      let before = false;
      return this.#catalog.changes$.pipe(
        map((catalog) => placeOf(catalog.view(from), uri)),
        distinctUntilChanged(),
        switchMap((place) =>
          typeof place === 'string' ? of(refused(place, uri)) : this.#sharedWatch(place, uri),
        ),
        map((event): WatchEvent => {
          if (event.kind !== 'watching') return event;
          const again = before;
          before = true;
          return again ? { kind: 'updated', uri } : event;
        }),
      );
    });
  }

  #sharedWatch(instances: Instances, uri: string): Observable<WatchEvent> {
    let watched = this.#shared.get(instances);
    if (watched === undefined)
      this.#shared.set(instances, (watched = new Map<string, Observable<WatchEvent>>()));
    const known = watched.get(uri);
    if (known !== undefined) return known;
    const max = this.#options.maxPerServer();
    if (watched.size >= max) return of(tooMany(max));
    const own = watched;
    let state: WatchEvent | undefined;
    const events$ = watchInstances(instances, uri, this.#options).pipe(
      tap((event) => {
        if (event.kind !== 'updated') state = event;
      }),
      finalize(() => {
        own.delete(uri);
        if (own.size === 0) this.#shared.delete(instances);
      }),
      share(),
    );
    // Who comes later has to hear how things stand.
    const shared$ = defer(() => (state === undefined ? events$ : merge(events$, of(state))));
    watched.set(uri, shared$);
    return shared$;
  }
}

const placeOf = (view: View | undefined, uri: string): Instances | Lack => {
  const server = view && providerOf(view, uri);
  if (server === undefined) return 'unknown';
  const resources = server.offer?.capabilities['resources'];
  return isObject(resources) && resources['subscribe'] === true ? server.instances : 'unsupported';
};

const tooMany = (max: number): WatchEvent => ({
  kind: 'refused',
  error: exhausted('ERR_SUBSCRIPTIONS_EXHAUSTED', 'Too many resources of this server are watched', {
    limit: 'streams.resources_per_server',
    max,
  }),
});

const refused = (lack: Lack, uri: string): WatchEvent => ({
  kind: 'refused',
  error:
    lack === 'unknown'
      ? refusal('ERR_RESOURCE_UNKNOWN', 'Resource not found', { data: { uri: uri.slice(0, 256) } })
      : refusal('ERR_METHOD_UNSUPPORTED', 'The backend does not tell of changes of its resources'),
});
