import { Observable } from 'rxjs';
import { fromUnknown } from '../protocol/errors.js';
import type { TracedAttempt } from './callTrace.js';
import { outcomeOf } from './outcomeOf.js';
import type { Reply } from './reply.js';

/**
 * The replies to an attempt, as they are; notes when it ended, and how.
 *
 * @param ended told once, whichever way it ends
 */
export const attemptReplies = (
  replies$: Observable<Reply>,
  attempt: TracedAttempt,
  ended: () => void,
): Observable<Reply> =>
  new Observable((subscriber) => {
    const end = (outcome: TracedAttempt['outcome'], error?: TracedAttempt['error']): void => {
      if (attempt.endedAt !== undefined) return;
      attempt.endedAt = performance.now();
      attempt.outcome = outcome;
      attempt.error = error;
      ended();
    };
    subscriber.add(() => end('cancelled'));
    return replies$.subscribe({
      next: (reply) => {
        const fault = reply.kind === 'result' ? reply.fault : undefined;
        const outcome = fault?.outcome ?? outcomeOf(reply);
        if (outcome !== undefined) end(outcome, fault?.code);
        subscriber.next(reply);
      },
      error: (error: unknown) => {
        const { outcome, code } = fromUnknown(error);
        end(outcome, code);
        subscriber.error(error);
      },
      complete: () => subscriber.complete(),
    });
  });
