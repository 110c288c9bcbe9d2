import type { Observable, OperatorFunction } from 'rxjs';
import { fromUnknown, refusal, type GatewayError } from '../protocol/errors.js';
import { attemptOn } from '../streams/balancing/attemptOn.js';
import { GivenUp } from '../streams/balancing/givenUp.js';
import type { Peers } from '../streams/balancing/peers.js';
import { inTurn } from '../streams/inTurn.js';
import { answerOf, service, type Service } from '../streams/service.js';
import type { Instance } from '../streams/serverState.js';
import type { Exchange, Placed, Resolved, Target } from '../streams/exchange.js';
import type { Reply } from '../streams/reply.js';

/** The order in which the instances of a server are tried for one call. */
export type Order = (target: Target, exchange: Exchange & Resolved) => readonly Instance[];

/**
 * Tries a call on one instance after the other until one answers; the client sees one answer.
 *
 * > Only the attempt is repeated, never what stands before it: a call is authorized once.
 *
 * ```
 * calls              --a----------|
 * attempt on i1        -#                never reached: nothing has happened there
 * attempt on i2         ----r|
 * retryAcross…       --------r----|
 * ```
 *
 * Never after a first reply has left. A call that may have begun is sent again only where that does no harm (a tool marked
 * read-only or idempotent, a read) or the configuration says so; one that never reached its instance always is, as far as the
 * retry budget of its server goes.
 *
 * @param order the instances to try; the first is the preferred one
 * @param attempt only this is repeated
 */
export const retryAcrossInstances = <E extends Exchange & Resolved>(
  order: Order,
  attempt: OperatorFunction<E & Placed, Reply>,
): Service<E, Reply> => {
  const send = answerOf(attempt);
  return service((exchange) => {
    const { target, notes } = exchange;
    const instances = order(target, exchange);
    const [only] = instances;
    if (only === undefined) throw refusal('ERR_NO_INSTANCE', 'No instance of this server is known');
    if (instances.length === 1 && !target.repeatable && only.standing === undefined)
      return send({ ...exchange, instance: only });
    const peers = only.standing?.peers;
    const repeatable = target.repeatable || peers?.retry.unsafe === true;
    // A repeatable call gets a second chance even with one instance: its connection may have been closed while idle.
    const usual = repeatable ? Math.max(instances.length, 2) : instances.length;
    const attempts = peers?.retry.attempts ?? usual;
    peers?.budget.called();
    let startedAt = exchange.startedAt;
    let decided: GatewayError | undefined;

    const goesOn = (error: unknown, index: number, replied: boolean): boolean => {
      const failure = fromUnknown(error);
      const { id } = instances[index % instances.length] as Instance;
      const now = performance.now();
      (notes.failedAttempts ??= []).push({
        instance: id,
        error: failure.code,
        durationMs: Math.round((now - startedAt) * 1000) / 1000,
      });
      return !replied && index + 1 < attempts && mayRepeat(failure, repeatable) && affordable(peers);
    };

    return inTurn(
      (index): Observable<Reply> => {
        const instance = instances[index % instances.length] as Instance;
        const { standing } = instance;
        startedAt = performance.now();
        if (standing === undefined) return send({ ...exchange, instance });
        return attemptOn(standing, () => send({ ...exchange, instance }), {
          repeatable: repeatable && index + 1 < attempts,
          patienceMs: Math.min(
            target.times?.firstByteMs ?? target.timeoutMs,
            target.times?.totalMs ?? Infinity,
          ),
          goesOn: (fault) => {
            const another = goesOn(fault, index, false);
            if (another) decided = fault;
            return another;
          },
        });
      },
      // What an attempt made an error of has been decided on, and counted.
      (error, index, replied) => error === decided || goesOn(error, index, replied),
    );
  });
};

const affordable = (peers: Peers | undefined): boolean => peers?.budget.take() ?? true;

const mayRepeat = (error: GatewayError, repeatable: boolean): boolean =>
  error.notBegun ||
  (repeatable &&
    (error.code === 'ERR_UPSTREAM_FAILED' ||
      error.code === 'ERR_UPSTREAM_SESSION_LOST' ||
      error instanceof GivenUp));
