import { map, type OperatorFunction } from 'rxjs';
import { metaOf } from '../protocol/mcp.js';
import { isObject, type Params } from '../protocol/jsonrpc.js';
import { relatedTaskKey } from '../protocol/tasks.js';
import { soundTask } from '../protocol/soundTask.js';
import { capabilitiesOf } from '../streams/capabilitiesOf.js';
import type { Exchange, InSession } from '../streams/exchange.js';
import { withRelatedTask } from '../streams/relatedTask.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';

/**
 * Puts the id that the client knows into all that a server says of its task, and holds it to the shape of one.
 *
 * ```
 * part       --a{task 7}---r{task 7}|
 * nameTask   --a{task t}---r{task t}|
 * ```
 */
export const nameTask = <E extends Exchange & InSession>(
  part: OperatorFunction<E, Reply>,
): Service<E, Reply> => {
  const send = answerOf(part);
  return service((exchange) => {
    const taskId = String(exchange.message.params?.['taskId']);
    return send(exchange).pipe(map((reply) => named(sound(reply, exchange), taskId)));
  });
};

/** What a server says of a task, as far as clients can take it. */
const sound = (reply: Reply, exchange: Exchange & InSession): Reply =>
  reply.kind === 'result' && 'status' in reply.result
    ? { ...reply, result: soundTask(reply.result, capabilitiesOf(exchange)) }
    : reply;

const named = (reply: Reply, taskId: string): Reply => {
  switch (reply.kind) {
    case 'result':
      return { ...reply, result: related(taskIn(reply.result, taskId), taskId) };
    case 'ask':
    case 'notification':
      return { ...reply, params: related(reply.params, taskId) };
    default:
      return reply;
  }
};

const taskIn = (result: Params, taskId: string): Params =>
  typeof result['taskId'] === 'string' ? { ...result, taskId } : result;

/** Only where the server named the task: the 2026 era has no such key. */
const related = (holder: Params, taskId: string): Params =>
  isObject(metaOf(holder)[relatedTaskKey]) ? withRelatedTask(holder, taskId) : holder;
