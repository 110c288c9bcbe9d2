import { Observable, Subscription, type OperatorFunction } from 'rxjs';

/**
 * Runs a stream for each member of a list, from when it appears in the list until it is there no more.
 *
 * ```
 * lists        --[a]---[a,b]---[b]---
 * a's              -1-----2--!
 * b's                     -3------4-
 * whileListed  ------1-----(23)----4-
 * ```
 *
 * A list may be replaced as a whole: what is in both is not touched. One of these streams that completes is not begun anew.
 *
 * @param farewell what is emitted for a member that is there no more
 */
export const whileListed =
  <T, R>(
    project: (member: T) => Observable<R>,
    farewell: (member: T) => readonly R[] = () => [],
  ): OperatorFunction<readonly T[], R> =>
  (lists$) =>
    new Observable((subscriber) => {
      const running = new Map<T, Subscription>();
      const end = (member: T): void => {
        running.get(member)?.unsubscribe();
        running.delete(member);
      };
      subscriber.add(() => {
        for (const member of [...running.keys()]) end(member);
      });
      subscriber.add(
        lists$.subscribe({
          next(list) {
            const listed = new Set(list);
            for (const member of [...running.keys()]) {
              if (listed.has(member)) continue;
              end(member);
              for (const word of farewell(member)) subscriber.next(word);
            }
            for (const member of listed) {
              if (running.has(member)) continue;
              const subscription = new Subscription();
              // Known before it begins: it may emit at once, and what that leads to may be the next list.
              running.set(member, subscription);
              subscription.add(
                project(member).subscribe({
                  next: (value) => subscriber.next(value),
                  error: (error: unknown) => subscriber.error(error),
                }),
              );
            }
          },
          error: (error: unknown) => subscriber.error(error),
        }),
      );
    });
