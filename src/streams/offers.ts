/** The feed of what one server offers: asked at the start, again when it says so or when a list is old, again after a failure. */
import { isDeepStrictEqual } from 'node:util';
import {
  asyncScheduler,
  catchError,
  concat,
  defer,
  EMPTY,
  filter,
  ignoreElements,
  map,
  merge,
  mergeMap,
  of,
  share,
  skip,
  Subject,
  switchMap,
  take,
  tap,
  throttleTime,
  throwError,
  timeout,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import { fromUnknown, refusal } from '../protocol/errors.js';
import type { CatalogEvent, CatalogServer } from './catalog.js';
import type { Offer } from './backend.js';
import type { Instance } from './serverState.js';
import { whileListed } from './whileListed.js';

export interface OffersOptions {
  /** Waits between attempts while the server does not answer: doubling from `firstMs` up to `maxMs`, half of it random. */
  readonly backoff: { readonly firstMs: number; readonly maxMs: number };
  /** A list younger than this, or than the server's own `ttlMs`, is not asked for again. */
  readonly minAgeMs: number;
  readonly scheduler?: SchedulerLike;
}

export interface Offers {
  /** `offered` and `failed` events. Subscribing starts the feed; hot to its one subscriber. */
  readonly events$: Observable<CatalogEvent>;
  /**
   * Completes when the offer is as fresh as it can be now: at once when it is young or the server is known to be broken (its
   * recovery is awaited in the background), else when it has been asked again or its time limit is over. Never errors.
   *
   * @param maxAgeMs what is young, unless the server says less; by default what the server says
   */
  refresh(maxAgeMs?: number): Observable<never>;
  /** How much longer, in milliseconds, the offer is good that may be so old; 0 while the server does not answer. */
  leftMs(maxAgeMs: number): number;
}

/** How often a server that has no other way to tell is asked whether its offer has changed, in milliseconds. */
const pollMs = 60_000;
/** A server that says "changed" all the time is asked this often at most, in milliseconds. */
const changeThrottleMs = 200;

/**
 * Keeps asking one server for its offer, one question at a time, each within `listTimeoutMs` for the whole answer.
 *
 * Several instances are asked in turn: the first that answers speaks for the server.
 */
export const offers = (server: CatalogServer, options: OffersOptions): Offers => {
  const { backoff, minAgeMs, scheduler = asyncScheduler } = options;
  const { listTimeoutMs } = server.settings;
  const asked = new Subject<CatalogEvent>();
  let asking = false;
  let failures = 0;
  let askedAt = -Infinity;
  let leastMs = minAgeMs;
  let saidMs: number | undefined;
  let heededAt = -Infinity;
  let last: Offer | undefined;

  const freshForMs = (maxAgeMs?: number): number =>
    Math.max(leastMs, Math.min(saidMs ?? maxAgeMs ?? 0, maxAgeMs ?? Infinity));

  const succeeded = (offer: Offer): CatalogEvent => {
    asking = false;
    failures = 0;
    askedAt = scheduler.now();
    // A REST service defined in the configuration has nothing to tell between two polls.
    leastMs = Math.max(minAgeMs, offer.revision === 'rest' ? pollMs : 0);
    saidMs = offer.ttlMs;
    // The same list from elsewhere, or once more, is no news: whoever has built something from it need not build it again.
    if (last === undefined || !isDeepStrictEqual(last, offer)) last = offer;
    return { kind: 'offered', server, offer: last };
  };
  const failed = (error: unknown): CatalogEvent => {
    asking = false;
    failures++;
    askedAt = scheduler.now();
    return { kind: 'failed', server, at: scheduler.now(), reason: fromUnknown(error).toJsonRpc().message };
  };

  // One question at a time, shared by all who want its answer.
  const ask$ = defer(() => {
    asking = true;
    return firstAnswer(server, scheduler);
  }).pipe(
    timeout({
      first: listTimeoutMs,
      scheduler,
      with: () =>
        throwError(() => (server.instances.current.length === 0 ? nowhere : tookTooLong(listTimeoutMs))),
    }),
    map(succeeded),
    catchError((error: unknown) => of(failed(error))),
    tap((event) => asked.next(event)),
    ignoreElements(),
    share(),
  );

  // Counted from the last answer, whoever asked for it: a failure that a refresh found is mended as soon as any other.
  const longestPause = (): number => Math.min(backoff.firstMs * 2 ** (failures - 1), backoff.maxMs);
  const pause = (): Observable<unknown> => {
    if (failures === 0) return timer(pollMs, scheduler);
    const full = longestPause();
    return timer(full / 2 + (Math.random() * full) / 2, scheduler);
  };
  /** Asks after a change: a server that fails may say so for ever, and is heeded no more often than it would be asked anyway. */
  const heed$ = defer(() => {
    if (failures > 0) {
      const now = scheduler.now();
      if (now - heededAt < longestPause()) return EMPTY;
      heededAt = now;
    }
    return ask$;
  });
  const again$ = defer(() => (failures > 0 ? EMPTY : ask$));
  const { changes$ } = server.instances;
  const changed$ = merge(
    changes$.pipe(whileListed(({ backend }) => backend.changed$)),
    // Another instance may be of another version, and the one that spoke may be gone.
    changes$.pipe(skip(1)),
  ).pipe(
    throttleTime(changeThrottleMs, scheduler, { leading: true, trailing: true }),
    // An answer that is on its way may be older than the change; one that fails is repeated after its pause.
    mergeMap(() => (asking ? concat(ask$, again$) : heed$)),
  );

  return {
    events$: merge(
      asked,
      asked.pipe(
        switchMap(pause),
        mergeMap(() => ask$),
      ),
      changed$,
      ask$,
    ),
    refresh: (maxAgeMs) =>
      defer(() => {
        const young = scheduler.now() - askedAt < freshForMs(maxAgeMs);
        return young || failures > 0 ? EMPTY : ask$;
      }),
    leftMs: (maxAgeMs) =>
      failures > 0 ? 0 : Math.max(0, Math.min(maxAgeMs, askedAt + freshForMs(maxAgeMs) - scheduler.now())),
  };
};

/**
 * The offer of the first instance that gives one, those known to be in trouble last; each has its share of the time, so that a hung
 * one does not use up all.
 */
const firstAnswer = ({ instances, settings }: CatalogServer, scheduler: SchedulerLike): Observable<Offer> =>
  instances.changes$.pipe(
    // Addresses that are looked up may be late.
    filter((list) => list.length > 0),
    take(1),
    switchMap((list) => askInTurn(list, settings.listTimeoutMs / list.length, scheduler)),
  );

const askInTurn = (list: readonly Instance[], share: number, scheduler: SchedulerLike): Observable<Offer> =>
  list
    .toSorted((a, b) => trouble(a) - trouble(b))
    .map(({ backend, reach }) =>
      // What a REST service offers is known without asking it.
      backend.offer().pipe(tap(({ revision }) => revision !== 'rest' && reach?.answered())),
    )
    .reduceRight((others, first) =>
      first.pipe(
        timeout({ first: share, scheduler }),
        // Only a server of which no instance answers has failed, with the error of the last.
        catchError(() => others),
      ),
    );

const trouble = ({ standing }: Instance): number => (standing?.isWell(true) === false ? 1 : 0);

const nowhere = refusal('ERR_NO_INSTANCE', 'No instance of this server is known');

const tookTooLong = (ms: number) =>
  refusal('ERR_UPSTREAM_TIMEOUT', `The server did not list what it offers within ${ms} ms`);
