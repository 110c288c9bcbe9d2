import { map, of, switchMap, type Observable, type OperatorFunction } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { isObject } from '../protocol/jsonrpc.js';
import { soundTask } from '../protocol/soundTask.js';
import { declaresTasks, taskFormOf, taskSupportOf, tasksExtension, type Task } from '../protocol/tasks.js';
import type { TaskUse } from '../streams/backend.js';
import { capabilitiesOf } from '../streams/capabilitiesOf.js';
import type { Authenticated, Exchange, InSession, Resolved } from '../streams/exchange.js';
import { Marks } from '../streams/marks.js';
import { nobody } from '../streams/nobody.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';

type Call = Exchange & Authenticated & InSession & Resolved;

export interface OfferTasksOptions<E> {
  /** Begins a task of the gateway's own with these replies; emits it when it can be asked for. */
  readonly start: (exchange: E, replies$: Observable<Reply>) => Observable<Task>;
  /** Gives a server's task the id by which the client will know it, and takes note of it. */
  readonly adopt: (exchange: E, task: Task) => Observable<Task>;
}

/** What becomes of a tool call: sent as it is, a server's task passed on or waited for, or a task of the gateway's own. */
type Course = 'call' | 'take' | 'await' | 'own' | 'own, awaited';

/**
 * Decides whether a tool call becomes a task, and whose.
 *
 * ```
 *                       server makes tasks     server makes them     configuration
 *                       in the client's form   in the other form     says `task: true`
 * client takes tasks    take: passed on        own, awaited          own
 * client does not       a plain call; where the server insists on a task, it is waited for
 * ```
 *
 * @param plain sends a call whose client waits
 * @param detached sends a call that goes on by itself; its replies are asks and the end
 */
export const offerTasks = <E extends Call>(
  plain: OperatorFunction<E, Reply>,
  detached: OperatorFunction<E, Reply>,
  { start, adopt }: OfferTasksOptions<E>,
): Service<E, Reply> => {
  const send = answerOf(plain);
  const run = answerOf(detached);
  const own = (exchange: E): Observable<Reply> =>
    start(exchange, run(byItself(exchange))).pipe(
      map((task) => ({ kind: 'result', result: { resultType: 'task', ...task } })),
    );
  /** Clients that have no word for tasks can't be told to take one. */
  const insisted = (exchange: E) =>
    service((reply: Reply): Observable<Reply> =>
      isInsisting(reply) ? send(using(exchange, 'await')) : of(reply),
    );
  const adopted = (exchange: E) =>
    switchMap((reply: Reply): Observable<Reply> => {
      if (reply.kind !== 'result' || reply.result['resultType'] !== 'task') return of(reply);
      return adopt(exchange, soundTask(reply.result, capabilitiesOf(exchange))).pipe(
        map((known) => ({ kind: 'result', result: known })),
      );
    });
  return service((exchange) => {
    switch (courseOf(exchange)) {
      case 'call': {
        const replies$ = send(withoutHint(exchange));
        return exchange.origin.revision.tasks === 'declared' ? replies$ : replies$.pipe(insisted(exchange));
      }
      case 'await':
        return send(using(withoutHint(exchange), 'await'));
      case 'take':
        return send(using(asAsked(exchange), 'take')).pipe(adopted(exchange));
      case 'own':
        return own(withoutHint(exchange));
      case 'own, awaited':
        return own(using(withoutHint(exchange), 'await'));
    }
  });
};

const courseOf = (exchange: Call): Course => {
  const { target, origin, message } = exchange;
  if (target.tool === undefined) return 'call';
  const form = origin.revision.tasks;
  const support = taskSupportOf(target.tool);
  const takes =
    form === 'declared'
      ? declaresTasks(capabilitiesOf(exchange))
      : form && isObject(message.params?.['task']);
  if (takes !== true)
    // A client that could have asked for a task is told by the server that it should have (-32601).
    return support === 'required' && form !== 'requested' ? 'await' : 'call';
  if (target.offeredAsTask) return 'own';
  const spoken = taskFormOf(target.server.offer?.capabilities ?? {});
  if (spoken === form) return 'take';
  if (form === 'requested') throw refusal('ERR_METHOD_UNSUPPORTED', 'This tool can not be called as a task');
  return support === 'forbidden' || spoken === undefined ? 'call' : 'own, awaited';
};

const using = <E extends Call>(exchange: E, tasks: TaskUse): E => ({
  ...exchange,
  target: { ...exchange.target, tasks },
});

/** `params.task` asks for a task in 2025-11-25, and is ignored in the 2026 era (SEP-2663). */
const withoutHint = <E extends Call>(exchange: E): E => {
  const { target } = exchange;
  if (target.params['task'] === undefined || target.method !== 'tools/call') return exchange;
  const { task: _task, ...params } = target.params;
  return { ...exchange, target: { ...target, params } };
};

/** The exchange as it goes on when its client has its answer: nobody's demand holds it back, its log line is written. */
const byItself = <E extends Call>(exchange: E): E => ({
  ...exchange,
  outlet: nobody(),
  notes: { ...exchange.notes, marks: new Marks() },
});

/** The hint goes to servers that want one. */
const asAsked = <E extends Call>(exchange: E): E =>
  exchange.origin.revision.tasks === 'requested' ? exchange : withoutHint(exchange);

/** -32021 for the extension: the server will not answer this call without making it a task. */
const isInsisting = (reply: Reply): boolean => {
  if (reply.kind !== 'error' || reply.error.code !== -32021 || !isObject(reply.error.data)) return false;
  const { requiredCapabilities } = reply.error.data;
  const extensions = isObject(requiredCapabilities) ? requiredCapabilities['extensions'] : undefined;
  return isObject(extensions) && tasksExtension in extensions;
};
