import {
  connect,
  defer,
  EMPTY,
  filter,
  from,
  map,
  merge,
  mergeMap,
  of,
  take,
  tap,
  timer,
  type Observable,
} from 'rxjs';
import type { Change } from './change.js';

/** One thing that a client wants to hear of. */
export interface Watched {
  /** What kind of thing it is, as the client names it. */
  readonly key: string;
  readonly name: string;
  /** First whether it is watched; then its changes. */
  readonly events$: Observable<boolean | Change>;
}

/**
 * Begins a stream of changes with what is in effect: waits until each thing is known to be watched or not, or until the time is
 * up. What is not known by then counts as accepted; what turned out refused stays silent.
 *
 * ```
 * a               -tc-------c--c--     t watched, c a change
 * b               ----f-----------     f refused
 * acceptWatched   ----(ac)--c--c--     a what was accepted
 * ```
 *
 * @param stream what to make of what was accepted and its changes
 */
export const acceptWatched = <R>(
  watched: readonly Watched[],
  settleMs: number,
  stream: (accepted: readonly Watched[], changes$: Observable<Change>) => Observable<R>,
): Observable<R> =>
  merge(...watched.map((thing) => thing.events$.pipe(map((event) => ({ thing, event }))))).pipe(
    connect((events$) => {
      /** For each thing whether it is watched, as far as that is known. */
      const answers = new Map<Watched, boolean>();
      const accepted = new Set<Watched>();
      /** The newest change of each thing before it was accepted: whoever listens from then on must not miss it. */
      const early = new Map<Watched, Change>();
      const known$ = events$.pipe(
        tap(({ thing, event }) => {
          if (typeof event !== 'boolean') early.set(thing, event);
          else if (!answers.has(thing)) answers.set(thing, event);
        }),
        filter(() => answers.size === watched.length),
      );
      const settled$: Observable<unknown> =
        watched.length === 0 ? of(undefined) : merge(known$, timer(settleMs));
      const changes$ = events$.pipe(
        mergeMap(({ thing, event }) =>
          typeof event !== 'boolean' && accepted.has(thing) ? of(event) : EMPTY,
        ),
      );
      return settled$.pipe(
        take(1),
        mergeMap(() =>
          defer(() => {
            for (const thing of watched) if (answers.get(thing) !== false) accepted.add(thing);
            const missed = [...early].flatMap(([thing, change]) => (accepted.has(thing) ? [change] : []));
            return stream([...accepted], merge(from(missed), changes$));
          }),
        ),
      );
    }),
  );
