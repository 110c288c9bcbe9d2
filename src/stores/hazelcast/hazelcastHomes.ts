import {
  concatMap,
  from,
  isObservable,
  map,
  mergeMap,
  of,
  Subject,
  Subscription,
  type Observable,
} from 'rxjs';
import type { Home, Homes } from '../../streams/homes.js';
import { prompted } from '../../streams/prompted.js';
import type { Prompt, Session } from '../../streams/sessions.js';
import { afterAbsence } from './afterAbsence.js';
import type { Instances } from './hazelcastInstances.js';
import type { HazelcastLink } from './hazelcastLink.js';
import { sessionTimes } from './sessionTimes.js';
import { sessionsMap } from './sessionsMap.js';

export interface HazelcastHomesOptions {
  readonly link: HazelcastLink;
  readonly instances: Instances;
  /** How long a session lives unused, in milliseconds. */
  readonly ttlMs: number;
}

/** Sessions looked up at a time after a while without the cluster. */
const atOnce = 500;

/**
 * Where the sessions on a Hazelcast cluster are at home: each session's record says so.
 *
 * What is at home here is known here, so that its requests wait for nobody; whoever takes one over changes the record, of which the
 * cluster tells.
 */
export const hazelcastHomes = ({ link, instances, ttlMs }: HazelcastHomesOptions): Homes => {
  const { self } = instances;
  const { keptMs } = sessionTimes(ttlMs);
  const here = new Set<string>();
  const lost = new Subject<string>();
  const feeds = new Subscription();

  const note = (id: string, home: string): void => {
    if (home === self) here.add(id);
    else if (here.delete(id)) lost.next(id);
  };
  /** What became of this instance's sessions while nothing was heard. */
  const reconcile = (): Observable<unknown> =>
    from(groupsOf([...here])).pipe(
      concatMap((ids) =>
        link
          .use(sessionsMap, (sessions) => sessions.getAll(ids))
          .pipe(map((found) => [ids, new Map(found)] as const)),
      ),
      map(([ids, found]) => {
        for (const id of ids) {
          const session = found.get(id) as Session | undefined;
          if (session === undefined) here.delete(id);
          else note(id, session.home);
        }
      }),
    );
  feeds.add(afterAbsence(link, reconcile).subscribe());
  feeds.add(
    link.changes(sessionsMap).subscribe(({ kind, key, value }) => {
      if (kind === 'gone') here.delete(key);
      else note(key, (value as Session).home);
    }),
  );

  const homeOf = (instance: string): Prompt<Home | undefined> => {
    if (instance === self) return undefined;
    const gone: Home = { instance, address: '', state: 'gone' };
    const found = instances.find(instance);
    return isObservable(found) ? found.pipe(map((home) => home ?? gone)) : (found ?? gone);
  };

  return {
    self,
    elsewhere(id) {
      if (here.has(id)) return undefined;
      return link
        .use(sessionsMap, (sessions) => sessions.get(id))
        .pipe(
          mergeMap((found) => {
            if (found === null) return of(undefined);
            const { home } = found as Session;
            note(id, home);
            return prompted(homeOf(home));
          }),
        );
    },
    takeOver(id, { instance, state }) {
      if (state === 'gone') instances.refused(instance);
      return link
        .use(sessionsMap, async (sessions) => {
          const found = await sessions.get(id);
          if (found === null) return undefined;
          const session = found as Session;
          if (session.home !== instance) return session.home;
          const taken = await sessions.replaceIfSame(id, session, { ...session, home: self });
          if (!taken) return ((await sessions.get(id)) as Session | null)?.home;
          // A record that was replaced would be kept for ever.
          await sessions.setTtl(id, keptMs);
          return self;
        })
        .pipe(
          mergeMap((home) => {
            if (home === undefined) return of(undefined);
            if (home === self) here.add(id);
            return prompted(homeOf(home));
          }),
        );
    },
    get others() {
      return instances.others;
    },
    find: (instance) => instances.find(instance),
    lost$: lost.asObservable(),
    gone$: instances.gone$,
    enter: (address) => instances.enter(address),
    leave: () => instances.leave(),
    close() {
      feeds.unsubscribe();
      lost.complete();
    },
  };
};

const groupsOf = (ids: readonly string[]): string[][] =>
  Array.from({ length: Math.ceil(ids.length / atOnce) }, (_, group) =>
    ids.slice(group * atOnce, (group + 1) * atOnce),
  );
