import { asyncScheduler, type Observable, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { limits } from '../config/limits.js';
import { refusal } from '../protocol/errors.js';
import { CallAttempts } from '../streams/balancing/callAttempts.js';
import { RetryBudget } from '../streams/balancing/retryBudget.js';
import { answerOf, service, type Service } from '../streams/service.js';
import type { Instance, Instances } from '../streams/serverState.js';
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
 * read-only or idempotent, a read) or the configuration says so; one that never reached its instance always is. All that costs
 * of the retry budget of its server, but for going on from instances that took no connection to others. An instance that says
 * when to come back (`Retry-After`) is not asked before. Where the configuration wants it, a harmless call whose instance is
 * silent for longer than usual is sent to a second one besides.
 *
 * @param order the instances to try; the first is the preferred one
 * @param attempt only this is repeated
 */
export const retryAcrossInstances = <E extends Exchange & Resolved>(
  order: Order,
  attempt: OperatorFunction<E & Placed, Reply>,
  scheduler: SchedulerLike = asyncScheduler,
): Service<E, Reply> => {
  const answer = answerOf(attempt);
  const send = (placed: E & Placed): Observable<Reply> =>
    placed.instance.reach?.watch(answer(placed)) ?? answer(placed);
  /** Of servers whose instances have no standing. */
  const budgets = new WeakMap<Instances, RetryBudget>();
  const budgetOf = (instances: Instances): RetryBudget => {
    let budget = budgets.get(instances);
    if (budget === undefined)
      budgets.set(instances, (budget = new RetryBudget(usual, () => scheduler.now())));
    return budget;
  };
  return service((exchange) => {
    const { target } = exchange;
    const instances = order(target, exchange);
    const [first] = instances;
    if (first === undefined) throw refusal('ERR_NO_INSTANCE', 'No instance of this server is known');
    const { standing } = first;
    if (instances.length === 1 && !target.repeatable && standing === undefined)
      return send({ ...exchange, instance: first });
    const budget = standing?.peers.budget ?? budgetOf(target.server.instances);
    budget.called();
    return new CallAttempts(exchange, {
      instances,
      send,
      budget,
      scheduler: standing?.peers.scheduler ?? scheduler,
    }).replies();
  });
};

const usual = { share: limits.retryShare, perSecond: limits.retriesPerSecond };
