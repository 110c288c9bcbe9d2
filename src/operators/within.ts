import { asyncScheduler, mergeMap, of, tap, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { Exchange } from '../streams/exchange.js';
import { patience, type PatienceLimits } from '../streams/patience.js';
import { isFinal, type Reply } from '../streams/reply.js';

export interface Limits extends PatienceLimits {
  /** Longest time for the whole call, in milliseconds, however lively it is. */
  readonly totalMs: number;
}

/**
 * Bounds a part of the chain in time. At its end the part is unsubscribed, which cancels the call at the backend.
 *
 * > Silence ends a call, progress keeps it alive, and nothing keeps it alive for ever.
 *
 * ```
 * part                ---n---n--------------r
 * within(idle 5)      ---n---n----#             ERR_UPSTREAM_TIMEOUT
 * ```
 *
 * While the client is asked for something the backend is silent for good reason: `askMs` holds then. It takes the part as an
 * argument, because in RxJS an operator wraps everything above it.
 *
 * @param part what is bounded
 * @param limitsOf the limits of an exchange
 */
export const within = <E extends Exchange>(
  part: OperatorFunction<E, Reply>,
  limitsOf: (exchange: E) => Limits,
  scheduler: SchedulerLike = asyncScheduler,
): OperatorFunction<E, Reply> =>
  mergeMap((exchange) => {
    const { idleMs, askMs, totalMs } = limitsOf(exchange);
    const deadline = scheduler.now() + totalMs;
    const limits = { idleMs: Math.min(idleMs, totalMs), askMs: Math.min(askMs, totalMs) };
    return part(of(exchange)).pipe(
      patience(limits, scheduler, (waitingForClient) =>
        waitingForClient ? unanswered(limits.askMs) : silentFor(limits.idleMs),
      ),
      // No second timer: a call past its deadline either speaks, and is met here, or is silent, and meets the other limit.
      tap((reply) => {
        if (!isFinal(reply) && scheduler.now() > deadline) throw tookLongerThan(totalMs);
      }),
    );
  });

const silentFor = (ms: number) =>
  refusal('ERR_UPSTREAM_TIMEOUT', `The backend was silent for ${ms} ms, the limit of this call`);
const unanswered = (ms: number) =>
  refusal('ERR_INPUT_REFUSED', `What the backend asked for was not answered within ${ms} ms`);
const tookLongerThan = (ms: number) =>
  refusal('ERR_UPSTREAM_TIMEOUT', `The call took longer than ${ms} ms, the limit for any call`);
