import { Observable, type SchedulerLike } from 'rxjs';
import { isFinal, type Answer, type Reply } from './reply.js';
import type { Silences, Watched } from './silences.js';

export interface PatienceOptions {
  /** Watches the backend's silence. */
  readonly idle: Silences;
  /** Watches the client, while it is asked for something: there may be a person behind it. */
  readonly asking: Silences;
  /** Longest time for all of it, in milliseconds. */
  readonly totalMs: number;
  readonly scheduler: SchedulerLike;
  /** Whether the backend is held back because the client does not read: its silence is not its own then. */
  readonly isPaused: () => boolean;
  /** Makes the error, of who was silent or of what took too long. */
  readonly expired: (what: 'backend' | 'client' | 'total') => Error;
}

/**
 * Errors when a backend is silent for too long, where the time in which it waits for the client's answer, or for the client to
 * read, does not count.
 *
 * ```
 * replies                          --n-----a(answered)---n--------------r
 * patience(idle 5, asking 20)      --n-----a-------------n----#
 * ```
 */
export const patience = (
  source: Observable<Reply>,
  { idle, asking, totalMs, scheduler, isPaused, expired }: PatienceOptions,
): Observable<Reply> =>
  new Observable((subscriber) => {
    let asks = 0;
    const watched: Watched = {
      dueAt: 0,
      late: () => {
        if (isPaused() && scheduler.now() <= deadline) wait();
        else subscriber.error(expired(asks > 0 ? 'client' : 'backend'));
      },
    };
    const deadline = scheduler.now() + totalMs;
    const wait = (): void => {
      idle.end(watched);
      asking.end(watched);
      if (!subscriber.closed) (asks > 0 ? asking : idle).touch(watched);
    };
    const counted = (answer: (given: Answer) => void): ((given: Answer) => void) => {
      let open = true;
      asks++;
      return (given) => {
        if (!open) return;
        open = false;
        asks--;
        wait();
        answer(given);
      };
    };
    idle.touch(watched);
    subscriber.add(() => {
      idle.end(watched);
      if (asking !== idle) asking.end(watched);
    });
    return source.subscribe({
      next(reply) {
        if (isFinal(reply)) {
          subscriber.next(reply);
          return;
        }
        // No second timer: a call past its deadline either speaks, and is met here, or is silent, and meets the other limit.
        if (scheduler.now() > deadline) {
          subscriber.error(expired('total'));
          return;
        }
        const passed = reply.kind === 'ask' ? { ...reply, answer: counted(reply.answer) } : reply;
        // While the client is asked, nothing the backend says gives it more time: only the next question does.
        if (asks === 0 || reply.kind === 'ask') wait();
        subscriber.next(passed);
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
  });
