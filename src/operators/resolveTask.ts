import { refusal } from '../protocol/errors.js';
import type { TaskIds } from '../protocol/taskIds.js';
import { taskMethods, type TaskMethod } from '../protocol/tasks.js';
import type { Catalog } from '../streams/catalog.js';
import type { Authenticated, Exchange, Resolved } from '../streams/exchange.js';
import type { Latest } from '../streams/latest.js';
import { paramsForHop } from '../streams/paramsForHop.js';
import { stage } from '../streams/stage.js';
import { viewpointOf } from '../streams/viewpointOf.js';
import { plainTarget } from './plainTarget.js';

/**
 * Finds where a task lives: its id says so, for whoever it was given to.
 *
 * > An id is treated as hostile: altered, of another principal, or of a server that this endpoint does not serve, it is as
 * > unknown as one that never was (`ERR_TASK_UNKNOWN`).
 *
 * ```
 * calls         --a-----b--|
 * resolveTask   --A-----#
 * ```
 */
export const resolveTask = (catalog: Latest<Catalog>, ids: TaskIds) =>
  stage<Authenticated, Resolved>((exchange) => {
    const { message, principal, notes } = exchange;
    const ref = ids.open(String(message.params?.['taskId']), principal.id);
    const server = catalog.current
      .view(viewpointOf(exchange))
      ?.servers.find(({ settings }) => settings.name === ref?.server);
    if (ref === undefined || server === undefined)
      throw refusal('ERR_TASK_UNKNOWN', 'There is no such task, or it has expired');
    notes.server = ref.server;
    return {
      ...exchange,
      // Asking twice does no harm, nor does answering or cancelling twice.
      target: {
        ...plainTarget(
          server,
          methodOf(exchange),
          paramsForHop(message.params, { taskId: ref.taskId }),
          'take',
          ref.instance,
        ),
        begunBy: { tool: ref.tool, mask: ref.mask },
      },
    };
  });

const methodOf = ({ message }: Exchange): TaskMethod => {
  const method = taskMethods.find((known) => known === message.method);
  if (method === undefined) throw new TypeError(`resolveTask: ${message.method} is not about a task`);
  return method;
};
