import { randomBytes } from 'node:crypto';
import {
  asyncScheduler,
  catchError,
  concatMap,
  EMPTY,
  exhaustMap,
  filter,
  interval,
  map,
  merge,
  Subject,
  Subscription,
  tap,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { Home } from '../../streams/homes.js';
import type { Prompt } from '../../streams/sessions.js';
import type { HazelcastLink } from './hazelcastLink.js';

/** The instances of the gateway that are on a cluster. */
export interface Instances {
  /** Id of this one. */
  readonly self: string;
  /** Another instance by its id; undefined for one that is gone or never was, and for this one. */
  find(instance: string): Prompt<Home | undefined>;
  /** All others that are known here at the moment. */
  readonly others: readonly Home[];
  /**
   * Nobody listened where that one was said to be: it counts as gone until it says again that it lives. What ends with an instance
   * ({@link gone$}) waits for the proof.
   */
  refused(instance: string): void;
  /** Instances that have gone. Hot. */
  readonly gone$: Observable<Home>;
  /** Says where this one can be reached. */
  enter(address: string): Observable<never>;
  /** Says that this one is leaving. */
  leave(): Observable<never>;
  close(): void;
}

interface Entry {
  readonly address: string;
  readonly leaving: boolean;
}

/** The name of the map on the members. */
const name = 'sluice.instances';
/** An instance that has not been heard of for so long is gone, in milliseconds; how often each says that it lives. */
const leaseMs = 10_000;
const renewMs = 3000;

/**
 * Who else is there: each instance says every few seconds that it lives, and members forget those that do not.
 *
 * > After a time without the cluster nobody is held for gone until all have had the time to say that they live.
 */
export const hazelcastInstances = (
  link: HazelcastLink,
  scheduler: SchedulerLike = asyncScheduler,
): Instances => {
  const self = randomBytes(9).toString('base64url');
  const others = new Map<string, Home>();
  const refused = new Set<string>();
  const gone = new Subject<Home>();
  const feeds = new Subscription();
  let own: Entry = { address: '', leaving: false };
  let backAt = -Infinity;

  const isEarly = (): boolean => scheduler.now() - backAt < leaseMs;
  const seen = (instance: string, value: unknown): void => {
    if (instance === self) return;
    others.set(instance, toHome(instance, value as Entry));
  };
  const missing = (instance: string): void => {
    const home = others.get(instance);
    if (home === undefined || isEarly()) return;
    others.delete(instance);
    refused.delete(instance);
    gone.next(home);
  };
  const say = (): Observable<unknown> => link.use(name, (instances) => instances.set(self, own, leaseMs));
  const look = (): Observable<unknown> =>
    link
      .use(name, (instances) => instances.entrySet())
      .pipe(
        tap((entries) => {
          const there = new Set(entries.map(([instance]) => instance));
          for (const [instance, entry] of entries) seen(instance, entry);
          for (const instance of [...others.keys()]) if (!there.has(instance)) missing(instance);
        }),
      );

  feeds.add(
    merge(link.back$.pipe(tap(() => (backAt = scheduler.now()))), interval(renewMs, scheduler))
      .pipe(
        filter(() => link.state.current === 'connected'),
        // Away again: coming back says it again.
        exhaustMap(() =>
          say().pipe(
            concatMap(look),
            catchError(() => EMPTY),
          ),
        ),
      )
      .subscribe(),
  );
  feeds.add(
    link.changes(name).subscribe(({ kind, key, value }) => {
      if (kind === 'gone') return missing(key);
      refused.delete(key);
      seen(key, value);
    }),
  );

  const turn = (next: Entry): Observable<never> => {
    own = next;
    return say().pipe(
      // Said as soon as the cluster is there.
      catchError(() => EMPTY),
      filter((_said): _said is never => false),
    );
  };
  return {
    self,
    get others() {
      return [...others.values()].filter(({ instance }) => !refused.has(instance));
    },
    refused: (instance) => void (others.has(instance) && refused.add(instance)),
    gone$: gone.asObservable(),
    find(instance) {
      if (instance === self || instance === '' || refused.has(instance)) return undefined;
      const known = others.get(instance);
      if (known !== undefined) return known;
      // It may be newer than what was seen last.
      return link
        .use(name, (instances) => instances.get(instance))
        .pipe(map((entry) => (entry === null ? undefined : toHome(instance, entry as Entry))));
    },
    enter: (address) => turn({ ...own, address }),
    leave: () => turn({ ...own, leaving: true }),
    close() {
      feeds.unsubscribe();
      gone.complete();
      // Others need not wait until it is forgotten; where the cluster is away, they do.
      link
        .use(name, (instances) => instances.delete(self))
        .pipe(catchError(() => EMPTY))
        .subscribe();
    },
  };
};

const toHome = (instance: string, { address, leaving }: Entry): Home => ({
  instance,
  address,
  state: leaving ? 'leaving' : 'alive',
});
