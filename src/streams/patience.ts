import { Observable, Subscription, type MonoTypeOperatorFunction, type SchedulerLike } from 'rxjs';
import { isFinal, type Answer, type Reply } from './reply.js';

export interface PatienceLimits {
  /** Longest silence of the backend, in milliseconds. */
  readonly idleMs: number;
  /** Longest time a client may take to answer what it is asked, in milliseconds: there may be a person behind it. */
  readonly askMs: number;
}

/**
 * Errors when a backend is silent for too long, where the time in which it waits for the client's answer does not count.
 *
 * ```
 * replies                          --n-----a(answered)---n--------------r
 * patience(idle 5, ask 20)         --n-----a-------------n----#
 * ```
 *
 * One timer at a time for a call; a reply only notes its time, and the timer looks at it when it fires.
 *
 * @param expired makes the error
 */
export const patience = (
  { idleMs, askMs }: PatienceLimits,
  scheduler: SchedulerLike,
  expired: (waitingForClient: boolean) => Error,
): MonoTypeOperatorFunction<Reply> => {
  return (source) =>
    new Observable((subscriber) => {
      let since = scheduler.now();
      let asking = 0;
      let timer: Subscription = Subscription.EMPTY;
      const limit = (): number => (asking > 0 ? askMs : idleMs);
      const wait = (ms: number): void => {
        timer.unsubscribe();
        timer = scheduler.schedule(() => {
          const left = since + limit() - scheduler.now();
          if (left > 0) wait(left);
          else subscriber.error(expired(asking > 0));
        }, ms);
      };
      const counted = (answer: (given: Answer) => void): ((given: Answer) => void) => {
        let open = true;
        asking++;
        return (given) => {
          if (!open) return;
          open = false;
          asking--;
          since = scheduler.now();
          wait(limit());
          answer(given);
        };
      };
      wait(idleMs);
      subscriber.add(() => timer.unsubscribe());
      subscriber.add(
        source.subscribe({
          next: (reply) => {
            since = scheduler.now();
            if (isFinal(reply)) timer.unsubscribe();
            subscriber.next(reply.kind === 'ask' ? { ...reply, answer: counted(reply.answer) } : reply);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
    });
};
