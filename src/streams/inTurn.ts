import { Observable, throwError } from 'rxjs';

/**
 * Subscribes attempts one after the other until one succeeds, or may not be followed by another.
 *
 * ```
 * attempt 0   --#
 * attempt 1     ----r|
 * inTurn      ------r|
 * ```
 *
 * One Observable for all attempts of a call: `defer`, `tap` and `catchError` for each of them cost four times as much.
 *
 * @param attempt the attempt of that number, from 0
 * @param goesOn whether another follows, or after what has completed: told the error, the number of the attempt that failed, and
 *   whether it had emitted
 */
export const inTurn = <T>(
  attempt: (index: number) => Observable<T>,
  goesOn: (error: unknown, index: number, emitted: boolean) => boolean | Observable<unknown>,
): Observable<T> =>
  new Observable((subscriber) => {
    let emitted = false;
    const begin = (index: number): Observable<T> => {
      try {
        return attempt(index);
      } catch (error) {
        return throwError(() => error);
      }
    };
    const run = (index: number): void => {
      subscriber.add(
        begin(index).subscribe({
          next: (value) => {
            emitted = true;
            subscriber.next(value);
          },
          error: (error: unknown) => {
            // One that fails while it is being left must not be followed.
            const next = !subscriber.closed && goesOn(error, index, emitted);
            if (next === true) run(index + 1);
            else if (next === false) subscriber.error(error);
            else
              subscriber.add(
                next.subscribe({
                  error: (reason: unknown) => subscriber.error(reason),
                  complete: () => run(index + 1),
                }),
              );
          },
          complete: () => subscriber.complete(),
        }),
      );
    };
    run(0);
  });
