import { randomBytes } from 'node:crypto';
import { combineLatest, distinctUntilChanged, EMPTY, map, startWith, switchMap, type Observable } from 'rxjs';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import { latest, type Latest, type LiveLatest } from '../streams/latest.js';

/**
 * The gateway's current secrets, following the configuration: the one place where everything that clients carry sealed (the state
 * of a call, cursors, ids of tasks) takes its keys from. Each use derives a key of its own from them.
 *
 * Where the configuration names none, they are those that the instances on a cluster share; until these are known, and without
 * a cluster, one made for the life of the process. That one stays last in the ring when keys are added later, so that what
 * was sealed with it before the change still opens.
 *
 * @param shared$ the secrets of the cluster; only subscribed to where the configuration names none, as that may make some
 */
export const stateKeys = (
  settings: Latest<Settings>,
  shared$: Observable<Secrets> = EMPTY,
): LiveLatest<Secrets> => {
  const own = randomBytes(32);
  const found$ = settings.changes$.pipe(
    map(({ state }) => state.keys.length === 0),
    distinctUntilChanged(),
    switchMap((isOpen) => (isOpen ? shared$ : EMPTY)),
    startWith([]),
  );
  let used = false;
  const ring$ = combineLatest([settings.changes$, found$]).pipe(
    map(([{ state }, found]): Secrets => {
      const [newest, ...older] = [...state.keys.map((key) => key.reveal()), ...found];
      used ||= newest === undefined;
      if (newest === undefined) return [own];
      return used ? [newest, ...older, own] : [newest, ...older];
    }),
    distinctUntilChanged(sameSecrets),
  );
  return latest(ring$, [own]);
};

const sameSecrets = (before: Secrets, now: Secrets): boolean =>
  before.length === now.length &&
  before.every((secret, index) => Buffer.compare(secret, now[index] ?? secret) === 0);
