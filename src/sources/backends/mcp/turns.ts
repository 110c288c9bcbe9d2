import { Observable } from 'rxjs';

/** What waits for a turn: what begins something, and what ends something. */
export type Lane = 'join' | 'leave';

/** Subscribes to the source when it is its turn; who unsubscribes before that waits no more, and nothing was done. */
export type InTurn = <T>(source$: Observable<T>, lane: Lane) => Observable<T>;

/**
 * Lets a number of things run at a time; the others wait, first come, first served, both lanes in alternation.
 *
 * ```
 * turns (1)   a--b--c-----        asked for
 * a           (--r|)
 * b              ---!             given up while it waits: never begun
 * c                 --r|
 * ```
 *
 * A turn that has come free is given away a moment later: who leaves often leaves many things at once, and none of them shall be
 * begun for the place that another made.
 *
 * @param max how many run at a time
 */
export const turns = (max: number): InTurn => {
  const waiting: Readonly<Record<Lane, Set<() => void>>> = { join: new Set(), leave: new Set() };
  let running = 0;
  let last: Lane = 'leave';
  let planned = false;

  const other = (lane: Lane): Lane => (lane === 'join' ? 'leave' : 'join');
  const give = (): void => {
    planned = false;
    while (running < max) {
      const lane = waiting[other(last)].size > 0 ? other(last) : last;
      const [begin] = waiting[lane];
      if (begin === undefined) return;
      waiting[lane].delete(begin);
      last = lane;
      running++;
      begin();
    }
  };
  const plan = (): void => {
    if (planned || running >= max) return;
    planned = true;
    setImmediate(give);
  };

  return (source$, lane) =>
    new Observable((subscriber) => {
      let begun = false;
      const begin = (): void => {
        begun = true;
        source$.subscribe(subscriber);
      };
      waiting[lane].add(begin);
      subscriber.add(() => {
        if (begun) running--;
        else waiting[lane].delete(begin);
        plan();
      });
      plan();
    });
};
