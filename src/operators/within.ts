import { asyncScheduler, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { answerOf, service, type Service } from '../streams/service.js';
import type { Exchange } from '../streams/exchange.js';
import { patience } from '../streams/patience.js';
import type { Reply } from '../streams/reply.js';
import { Silences } from '../streams/silences.js';

export interface Limits {
  /** Longest silence of the backend, in milliseconds: before the first reply and between two. */
  readonly idleMs: number;
  /** Longest time a client may take to answer what it is asked, in milliseconds. */
  readonly askMs: number;
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
): Service<E, Reply> => {
  const send = answerOf(part);
  // One queue for each limit in use: there are as many as the configuration names.
  const queues = new Map<number, Silences>();
  const queueOf = (ms: number): Silences => {
    let queue = queues.get(ms);
    if (queue === undefined) queues.set(ms, (queue = new Silences(ms, scheduler)));
    return queue;
  };
  return service((exchange) => {
    const { idleMs, askMs, totalMs } = limitsOf(exchange);
    const idle = queueOf(Math.min(idleMs, totalMs));
    const asking = queueOf(Math.min(askMs, totalMs));
    return patience(send(exchange), {
      idle,
      asking,
      totalMs,
      scheduler,
      isPaused: () => !exchange.outlet.valve.open,
      expired: (what) => {
        if (what === 'total') return tookLongerThan(totalMs);
        return what === 'client' ? unanswered(asking.ms) : silentFor(idle.ms);
      },
    });
  });
};

const silentFor = (ms: number) =>
  refusal('ERR_UPSTREAM_TIMEOUT', `The backend was silent for ${ms} ms, the limit of this call`);
const unanswered = (ms: number) =>
  refusal('ERR_INPUT_REFUSED', `What the backend asked for was not answered within ${ms} ms`);
const tookLongerThan = (ms: number) =>
  refusal('ERR_UPSTREAM_TIMEOUT', `The call took longer than ${ms} ms, the limit for any call`);
