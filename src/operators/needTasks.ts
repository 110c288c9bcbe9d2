import { declaresTasks, tasksUndeclared } from '../protocol/tasks.js';
import { capabilitiesOf } from '../streams/capabilitiesOf.js';
import type { InSession } from '../streams/exchange.js';
import { stage } from '../streams/stage.js';

/**
 * Lets a call about tasks through if its client takes tasks (SEP-2663: `ERR_CAPABILITY_REQUIRED` otherwise). Where tasks are asked
 * for one by one there is nothing to declare.
 *
 * ```
 * calls       --a-----b--|
 * needTasks   --a-----#        b has not declared the extension
 * ```
 */
export const needTasks = () =>
  stage<InSession, unknown>((exchange) => {
    if (exchange.origin.revision.tasks !== 'declared' || declaresTasks(capabilitiesOf(exchange)))
      return exchange;
    throw tasksUndeclared();
  });
