import {
  asyncScheduler,
  mergeMap,
  of,
  tap,
  throwError,
  timeout,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { refusal } from '../protocol/errors.js';
import type { Exchange } from '../streams/exchange.js';
import { isFinal, type Reply } from '../streams/reply.js';

export interface Limits {
  /** Longest silence, in milliseconds: before the first reply and between two. */
  readonly idleMs: number;
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
 * It takes the part as an argument, because in RxJS an operator wraps everything above it.
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
    const { idleMs, totalMs } = limitsOf(exchange);
    const deadline = scheduler.now() + totalMs;
    return part(of(exchange)).pipe(
      timeout({
        each: Math.min(idleMs, totalMs),
        scheduler,
        with: () => throwError(() => silentFor(idleMs)),
      }),
      // No second timer: a call past its deadline either speaks, and is met here, or is silent, and meets the other limit.
      tap((reply) => {
        if (!isFinal(reply) && scheduler.now() > deadline) throw tookLongerThan(totalMs);
      }),
    );
  });

const silentFor = (ms: number) =>
  refusal('ERR_UPSTREAM_TIMEOUT', `The backend was silent for ${ms} ms, the limit of this call`);
const tookLongerThan = (ms: number) =>
  refusal('ERR_UPSTREAM_TIMEOUT', `The call took longer than ${ms} ms, the limit for any call`);
