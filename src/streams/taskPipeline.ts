/** The part of the dataflow that is about tasks, assembled; see pipeline.ts, which it is a part of. */
import { defaultIfEmpty, isObservable, map, of, type Observable, type OperatorFunction } from 'rxjs';
import type { Cursors } from '../protocol/cursor.js';
import { refusal } from '../protocol/errors.js';
import type { TaskIds } from '../protocol/taskIds.js';
import type { Task } from '../protocol/tasks.js';
import { handle } from '../operators/handle.js';
import { invoke } from '../operators/invoke.js';
import { nameTask } from '../operators/nameTask.js';
import { needTasks } from '../operators/needTasks.js';
import { noteElicitations } from '../operators/noteElicitations.js';
import type { OfferTasksOptions } from '../operators/offerTasks.js';
import { redactArguments } from '../operators/redactArguments.js';
import { redactReplies } from '../operators/redactReplies.js';
import { resolveTask } from '../operators/resolveTask.js';
import { retryAcrossInstances, type Order } from '../operators/retryAcrossInstances.js';
import { traceAttempts } from '../operators/traceAttempts.js';
import { transform } from '../operators/transform.js';
import { within, type Limits } from '../operators/within.js';
import { listTasks } from '../handlers/listTasks.js';
import { ownTask } from '../handlers/ownTask.js';
import type { Catalog } from './catalog.js';
import { chain } from './chain.js';
import type { Elicitations } from './elicitations.js';
import type { Authenticated, Authorized, Exchange, InSession, Redacting, Resolved } from './exchange.js';
import type { Latest } from './latest.js';
import { listedFor } from './listedFor.js';
import { named } from './named.js';
import type { OwnTasks } from './ownTasks.js';
import type { Redactions } from './redactions.js';
import type { Reply } from './reply.js';
import { answerOf, service } from './service.js';
import type { TaskStore } from './taskStore.js';
import type { TaskWatch } from './taskWatch.js';
import type { Tracing } from './tracing.js';
import type { Transforms } from './transforms.js';
import { watchTasks } from './watchTasks.js';

/** What the part about tasks needs. */
export interface TaskFeeds {
  readonly ids: TaskIds;
  readonly own: OwnTasks;
  readonly store: TaskStore;
  /** How long a task is kept, in milliseconds, and the longest time that one may take. */
  readonly ttlMs: number;
}

type Entered = Exchange & Authenticated & InSession;

/** How a tool call becomes a task; see `offerTasks`. */
export const taskOffer = ({
  ids,
  own,
  store,
  ttlMs,
}: TaskFeeds): OfferTasksOptions<Entered & Resolved & Authorized> => ({
  start: ({ principal, origin, message }, replies$) =>
    own.start({
      principalId: principal.id,
      listedFor: listedFor(principal, origin.sessionId),
      namespace: origin.namespace,
      ttlMs: wantedTtl(message.params?.['task'], ttlMs),
      replies$,
    }),
  adopt: ({ principal, origin, target, notes, decision }, task) => {
    const { taskId } = task;
    const id = ids.seal({
      principalId: principal.id,
      server: target.server.settings.name,
      instance: notes.instance,
      taskId,
      tool: target.tool?.name,
      mask: decision.obligations.mask,
    });
    const known: Task = { ...task, taskId: id };
    // Only 2025-11-25 has lists; there is nothing else to remember, for the id says it all.
    if (origin.revision.tasks !== 'requested') return of(known);
    const put = store.put({
      id,
      principalId: principal.id,
      listedFor: listedFor(principal, origin.sessionId),
      namespace: origin.namespace,
      task: known,
      holder: undefined,
      expiresAt: Date.now() + Math.min(task.ttlMs ?? ttlMs, ttlMs),
    });
    return stored(put, known);
  },
});

const stored = (put: void | Observable<void>, task: Task): Observable<Task> =>
  isObservable(put)
    ? put.pipe(
        defaultIfEmpty(undefined),
        map(() => task),
      )
    : of(task);

/** What a client of 2025-11-25 asks for, within what there is. */
const wantedTtl = (hint: unknown, mostMs: number): number => {
  const ttl = typeof hint === 'object' && hint !== null ? (hint as { ttl?: unknown }).ttl : undefined;
  if (ttl === undefined) return mostMs;
  if (typeof ttl !== 'number' || !(ttl > 0))
    throw refusal('ERR_INVALID_PARAMS', 'params.task.ttl must be a number of milliseconds above 0');
  return Math.min(Math.ceil(ttl), mostMs);
};

export interface TaskRoutesOptions {
  readonly catalog: Latest<Catalog>;
  readonly order: Order;
  readonly cursors: Cursors;
  readonly limitsOf: (exchange: Exchange & Resolved) => Limits;
  readonly elicitations: Elicitations;
  readonly redactions: Redactions;
  readonly transforms: Transforms;
  readonly now: () => number;
  readonly tracing: Tracing | undefined;
}

/** The methods about tasks, each with its chain, and how tasks are listened to. */
export const taskRoutes = (
  { ids, own, store, ttlMs }: TaskFeeds,
  {
    catalog,
    order,
    cursors,
    limitsOf,
    elicitations,
    redactions,
    transforms,
    now,
    tracing,
  }: TaskRoutesOptions,
): {
  readonly routes: Readonly<Record<string, OperatorFunction<Entered, Reply>>>;
  readonly watch: TaskWatch;
} => {
  const attempts = named(
    'retryAcrossInstances',
    retryAcrossInstances(order, named('invoke', traceAttempts(invoke(), tracing))),
  );
  const sent: OperatorFunction<Entered, Reply> = chain(
    named('resolveTask', resolveTask(catalog, ids)), // first: the id says where to
    named('redactArguments', redactArguments(redactions)), // above all that leaves
    redactReplies<Entered & Resolved & Redacting>(
      // outermost: nothing leaves with what is redacted
      nameTask(
        // beneath it: the client knows the task by another id
        within(transform(noteElicitations(attempts, elicitations), transforms, now), (exchange) =>
          exchange.target.method === 'tasks/result'
            ? { ...limitsOf(exchange), firstByteMs: ttlMs, idleMs: ttlMs, totalMs: ttlMs } // it waits for the task's end
            : limitsOf(exchange),
        ),
      ),
    ),
  );
  const relay = answerOf(sent);
  const keep = answerOf(named('handle', handle(ownTask(own))));
  const byOwner: OperatorFunction<Entered, Reply> = chain(
    named('needTasks', needTasks(), 'quick'), // first: whoever takes no tasks learns nothing of any
    service<Entered, Reply>((exchange) =>
      own.isOwn(String(exchange.message.params?.['taskId'])) ? keep(exchange) : relay(exchange),
    ),
  );
  return {
    routes: {
      'tasks/get': byOwner,
      'tasks/update': byOwner,
      'tasks/cancel': byOwner,
      'tasks/result': byOwner,
      'tasks/list': named(
        'handle',
        handle(listTasks({ store, cursors, ask: sent, isOwn: (id) => own.isOwn(id) })),
      ),
    },
    watch: watchTasks(own, relay),
  };
};
