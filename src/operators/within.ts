import { asyncScheduler, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { refusal, type GatewayError } from '../protocol/errors.js';
import { answerOf, service, type Service } from '../streams/service.js';
import type { Exchange } from '../streams/exchange.js';
import { patience, type TimeLimit } from '../streams/patience.js';
import type { Reply } from '../streams/reply.js';
import { SilenceQueues } from '../streams/silenceQueues.js';

/** In milliseconds. */
export interface Limits {
  /** Longest silence of the backend before its first reply. */
  readonly firstByteMs: number;
  /** Longest silence of the backend between two replies. */
  readonly idleMs: number;
  /** Longest time a client may take to answer what it is asked. */
  readonly askMs: number;
  /** Longest time for the whole call, all attempts and rounds, however lively it is. */
  readonly totalMs: number;
  /** The time that the client itself gives its call; undefined where it gives none. It can only shorten {@link totalMs}. */
  readonly givenMs?: number | undefined;
}

/**
 * Bounds a part of the chain in time. At its end the part is unsubscribed, which cancels the call at the backend.
 *
 * > Silence ends a call, progress keeps it alive, and nothing keeps it alive for ever.
 *
 * ```
 * part                ---n---n--------------r
 * within(idle 5)      ---n---n----#             ERR_UPSTREAM_TIMEOUT, its data names the limit
 * ```
 *
 * While the client is asked for something the backend is silent for good reason: `askMs` holds then. The part sees the call's
 * deadline as `exchange.clock`. It takes the part as an argument, because in RxJS an operator wraps everything above it.
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
  // What clients give is not among them.
  const queues = new SilenceQueues(scheduler);
  return service((exchange) => {
    const { firstByteMs, idleMs, askMs, totalMs, givenMs } = limitsOf(exchange);
    const isGiven = givenMs !== undefined && givenMs < totalMs;
    const mostMs = isGiven ? givenMs : totalMs;
    if (mostMs <= 0) throw expired('total', mostMs, isGiven);
    const first = queues.of(Math.min(firstByteMs, totalMs));
    const idle = queues.of(Math.min(idleMs, totalMs));
    const asking = queues.of(Math.min(askMs, totalMs));
    const watched = { first_byte: first, idle, ask: asking };
    return patience((clock) => send({ ...exchange, clock }), {
      first,
      idle,
      asking,
      totalMs: mostMs,
      scheduler,
      isPaused: () => !exchange.outlet.valve.open,
      expired: (limit) => expired(limit, limit === 'total' ? mostMs : watched[limit].ms, isGiven),
    });
  });
};

const messages: Readonly<Record<TimeLimit, (ms: number) => string>> = {
  first_byte: (ms) =>
    `The backend did not begin to answer within ${ms} ms, the limit of this call (first_byte)`,
  idle: (ms) => `The backend was silent for ${ms} ms, the limit of this call (idle)`,
  ask: (ms) => `What the backend asked for was not answered within ${ms} ms`,
  total: (ms) => `The call took longer than ${ms} ms, the limit of this call (total)`,
};

/** @param isGiven whether the client itself set the limit of all of it */
const expired = (limit: TimeLimit, ms: number, isGiven: boolean): GatewayError => {
  const given = `The call took longer than ${ms} ms, the time that its client gave it`;
  const message = limit === 'total' && isGiven ? given : messages[limit](ms);
  return refusal(limit === 'ask' ? 'ERR_INPUT_REFUSED' : 'ERR_UPSTREAM_TIMEOUT', message, {
    data: { limit, ms },
  });
};
