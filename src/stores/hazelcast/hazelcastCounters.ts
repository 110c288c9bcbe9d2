import { createHash } from 'node:crypto';
import { asyncScheduler, interval, Observable, of, timeout, type SchedulerLike } from 'rxjs';
import type { Counters, Limit, Taken } from '../../streams/counters.js';
import { fits, takenOf, tallyAt, unused, type Tally } from '../../streams/tally.js';
import type { ClusterMap, HazelcastLink } from './hazelcastLink.js';

export interface HazelcastCountersOptions {
  readonly link: HazelcastLink;
  /** Keys that are remembered here; of more, the one unused for longest is asked for anew. */
  readonly maxKeys: number;
  /** Longest that somebody waits for the cluster, in milliseconds. Default: 500, more than a pause of a member's garbage collector. */
  readonly waitMs?: number;
  /** How often the cluster is told what was taken here, in milliseconds. Default: 100. */
  readonly tellMs?: number;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly scheduler?: SchedulerLike;
}

/** The name of the map on the members. */
const name = 'sluice.counters';
/** Of a limit, how much an instance may give before it has told the cluster. */
const share = 0.05;

/** Longest lives an entry that nobody uses beyond the time of its limit, in milliseconds. */
const spareMs = 2000;
/** Keys of which the cluster is told at a time. */
const atOnce = 500;

/** One who waits for the cluster. */
interface Asker {
  readonly units: number;
  readonly answer: (taken: Taken) => void;
}

/** What is known here of one key. */
interface Counted {
  readonly digest: string;
  limit: Limit;
  /** All that is known to be used, by this instance too. */
  known: Tally;
  /** Of that, what the cluster has not been told. */
  untold: number;
  readonly askers: Set<Asker>;
  isAsking: boolean;
}

/**
 * Counters that the instances on a cluster share.
 *
 * > Gives at once what is sure to be within the bounds, and tells the cluster a moment later.
 *
 * An instance gives up to 5 % of a limit (rounded down) without having told; who wants more waits until the cluster, which counts
 * exactly, has answered. So n instances together give at most n × 5 % more than the limit: two up to 110 of 100. Limits under 20
 * are exact, and each of their calls waits for the cluster (three trips). A cluster that is away, or has not answered in `waitMs`, is not
 * waited for until it answers again: so long each instance counts for itself, and n instances give up to n times the limit. What it
 * was asked for in vain may then be counted twice.
 */
export const hazelcastCounters = ({
  link,
  maxKeys,
  waitMs = 500,
  tellMs = 100,
  now = Date.now,
  scheduler = asyncScheduler,
}: HazelcastCountersOptions): Counters => {
  const all = new Map<string, Counted>();
  /** Those of which the cluster has to be told. */
  const dirty = new Set<Counted>();
  let isSilent = false;

  const ask = (counted: Counted): void => {
    if (counted.isAsking) return;
    refresh(counted, now());
    const { untold } = counted;
    const askers = [...counted.askers];
    counted.isAsking = true;
    dirty.delete(counted);
    link
      .use(name, (tallies) => settle(tallies, counted, untold, askers, now()))
      .subscribe({
        next({ tally, answers }) {
          isSilent = false;
          counted.isAsking = false;
          counted.untold = Math.max(0, counted.untold - untold);
          counted.known = { ...tally, used: tally.used + counted.untold };
          for (const [index, asker] of askers.entries()) {
            const taken = answers[index];
            if (taken !== undefined) asker.answer(taken);
          }
          if (counted.askers.size > 0) ask(counted);
        },
        error() {
          // Who waits counts for himself when his time is over; the cluster is told when it is back.
          isSilent = true;
          counted.isAsking = false;
          dirty.add(counted);
        },
      });
  };
  const asked = (counted: Counted, units: number): Observable<Taken> =>
    new Observable<Taken>((subscriber) => {
      const asker: Asker = {
        units,
        answer(taken) {
          counted.askers.delete(asker);
          subscriber.next(taken);
          subscriber.complete();
        },
      };
      counted.askers.add(asker);
      ask(counted);
      return () => void counted.askers.delete(asker);
    });
  /** What this instance knows has to do. */
  const own = (counted: Counted, units: number): Taken => {
    refresh(counted, now());
    const allowed = fits(counted.known, units, counted.limit);
    if (allowed) {
      counted.known = { ...counted.known, used: counted.known.used + units };
      counted.untold += units;
      dirty.add(counted);
    }
    return takenOf(allowed, counted.known, units, counted.limit);
  };
  const countedOf = (key: string, limit: Limit): Counted => {
    const found = all.get(key);
    const counted = found ?? fresh(key, limit);
    counted.limit = limit;
    // The one used last is the last of the map.
    all.delete(key);
    all.set(key, counted);
    if (all.size > maxKeys) all.delete(all.keys().next().value ?? '');
    return counted;
  };
  const telling = interval(tellMs, scheduler).subscribe(() => {
    if (link.state.current !== 'connected') return;
    for (const counted of [...dirty].slice(0, atOnce)) ask(counted);
  });

  return {
    take(key, units, limit) {
      const counted = countedOf(key, limit);
      const isNew = counted.known === unused;
      refresh(counted, now());
      const isFull = !fits(counted.known, units, limit);
      const isSure = counted.untold + units <= Math.floor(limit.max * share);
      if (isFull || isSure || isSilent || link.state.current !== 'connected') {
        const taken = own(counted, units);
        // Others may have used it.
        if (isNew) ask(counted);
        return taken;
      }
      return asked(counted, units).pipe(
        timeout({
          first: waitMs,
          scheduler,
          with: () => {
            isSilent = true;
            return of(own(counted, units));
          },
        }),
      );
    },
    close: () => telling.unsubscribe(),
  };
};

const fresh = (key: string, limit: Limit): Counted => ({
  // Keys may be names of people.
  digest: createHash('sha256').update(key).digest('base64url'),
  limit,
  known: unused,
  untold: 0,
  askers: new Set(),
  isAsking: false,
});

/** What has been given back by the time that has passed needs not be told any more. */
const refresh = (counted: Counted, at: number): void => {
  counted.known = tallyAt(counted.known, at, counted.limit);
  counted.untold = Math.min(counted.untold, counted.known.used);
};

interface Settled {
  readonly tally: Tally;
  /** In the order of the askers. */
  readonly answers: readonly Taken[];
}

/** Tells the cluster what has been given and asks it for more, all in one step: compare and set. */
const settle = async (
  tallies: ClusterMap,
  { digest, limit }: Counted,
  untold: number,
  askers: readonly Asker[],
  at: number,
): Promise<Settled> => {
  for (;;) {
    const found = (await tallies.get(digest)) as Tally | null;
    const settled = settledFrom(tallyAt(found ?? unused, at, limit), untold, askers, limit);
    const isDone =
      found === null
        ? (await tallies.putIfAbsent(digest, settled.tally)) === null
        : await tallies.replaceIfSame(digest, found, settled.tally);
    // Else another instance was quicker: what it counted counts.
    if (!isDone) continue;
    // A replaced entry would live for ever.
    await tallies.setTtl(digest, Math.ceil(limit.windowMs) + spareMs);
    return settled;
  }
};

const settledFrom = (before: Tally, untold: number, askers: readonly Asker[], limit: Limit): Settled => {
  let tally: Tally = { used: before.used + untold, at: before.at };
  const answers = askers.map(({ units }) => {
    const allowed = fits(tally, units, limit);
    if (allowed) tally = { ...tally, used: tally.used + units };
    return takenOf(allowed, tally, units, limit);
  });
  return { tally, answers };
};
