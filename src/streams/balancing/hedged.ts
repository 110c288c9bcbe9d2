import { Observable, type Subscription } from 'rxjs';
import type { Silences, Watched } from '../silences.js';

/**
 * Begins a second attempt when the first is silent for too long, and takes the one that speaks first; the other is unsubscribed.
 *
 * ```
 * first     ^---------!                   silent, and left when the second speaks
 * second    .    ^----r|
 * hedged    ----------r|                  3 of them are begun never: there are two
 * ```
 *
 * One that fails while the other is under way is passed over; the last one's error is theirs.
 *
 * @param second begins it; undefined for none after all
 * @param silences how long the first may be silent
 */
export const hedged = <T>(
  first: Observable<T>,
  second: () => Observable<T> | undefined,
  silences: Silences,
): Observable<T> =>
  new Observable((subscriber) => {
    const runs: (Subscription | undefined)[] = [];
    let underWay = 0;
    let winner: number | undefined;
    const watched: Watched = {
      dueAt: 0,
      place: undefined,
      late() {
        const other = second();
        if (other !== undefined) run(other, 1);
      },
    };
    const run = (attempt: Observable<T>, index: number): void => {
      underWay++;
      const ended = (): boolean => {
        silences.end(watched);
        return --underWay === 0 || winner === index;
      };
      runs[index] = attempt.subscribe({
        next(value) {
          if (winner === undefined) {
            winner = index;
            silences.end(watched);
            runs[1 - index]?.unsubscribe();
          }
          subscriber.next(value);
        },
        error: (error: unknown) => void (ended() && subscriber.error(error)),
        complete: () => void (ended() && subscriber.complete()),
      });
    };
    subscriber.add(() => {
      silences.end(watched);
      for (const each of runs) each?.unsubscribe();
    });
    silences.touch(watched);
    run(first, 0);
  });
