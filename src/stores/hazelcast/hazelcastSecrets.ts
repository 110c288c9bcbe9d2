import { randomBytes } from 'node:crypto';
import {
  asyncScheduler,
  catchError,
  distinctUntilChanged,
  EMPTY,
  exhaustMap,
  interval,
  map,
  merge,
  tap,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { Secrets } from '../../protocol/sealer.js';
import type { HazelcastLink } from './hazelcastLink.js';
import { inUse, turned, type KeyRing } from './keyRing.js';

export interface HazelcastSecretsOptions {
  readonly link: HazelcastLink;
  /** How long a secret opens after it has ceased to seal, in milliseconds. */
  readonly overlapMs: number;
  /** How long one seals, in milliseconds. Default: a day. */
  readonly everyMs?: number;
  /** How often the ring is looked at, in milliseconds; a new key is there for four times as long before it seals. Default: 15 s. */
  readonly lookMs?: number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

/** The name of the map on the members, and its only key. */
const name = 'sluice.keys';
const key = 'state';
const secretBytes = 32;

/**
 * Secrets that the instances on a cluster make and change together, for those that have not been given any: the first to come makes
 * one, whoever sees first that it is old adds the next.
 *
 * > Who can read the cluster can read and make what clients carry sealed; secrets of the configuration are not given to it.
 *
 * A cluster that has lost everything gets back what the instances still know.
 *
 * @returns the secrets, and again whenever they change; nothing while the cluster is away. Never ends
 */
export const hazelcastSecrets = ({
  link,
  overlapMs,
  everyMs = 24 * 3_600_000,
  lookMs = 15_000,
  scheduler = asyncScheduler,
}: HazelcastSecretsOptions): Observable<Secrets> => {
  const turning = {
    everyMs,
    overlapMs,
    leadMs: 4 * lookMs,
    make: () => randomBytes(secretBytes).toString('base64url'),
  };
  let known: KeyRing = [];
  const look = (): Observable<KeyRing> =>
    link
      .use(name, async (rings) => {
        for (;;) {
          const found = (await rings.get(key)) as KeyRing | null;
          const next = turned(found ?? known, scheduler.now(), turning);
          if (next === found) return found;
          const isDone =
            found === null
              ? (await rings.putIfAbsent(key, next)) === null
              : await rings.replaceIfSame(key, found, next);
          // Else another was quicker: what that one made counts.
          if (isDone) return next;
        }
      })
      .pipe(
        tap((ring) => (known = ring)),
        // Away again: coming back looks again.
        catchError(() => EMPTY),
      );
  return merge(link.back$, link.changes(name), interval(lookMs, scheduler)).pipe(
    exhaustMap(look),
    map((ring) => inUse(ring, scheduler.now())),
    distinctUntilChanged((before, now) => before.join() === now.join()),
    map((secrets) => secrets.map((secret) => Buffer.from(secret, 'base64url')) as unknown as Secrets),
  );
};
