import { asyncScheduler, type OperatorFunction, type SchedulerLike } from 'rxjs';
import { isObject, type Params, type Result } from '../protocol/jsonrpc.js';
import { CallBatch, type Part } from '../streams/callBatch.js';
import type { Catalog } from '../streams/catalog.js';
import type {
  Authenticated,
  Authorized,
  Exchange,
  InSession,
  Resolved,
  Target,
} from '../streams/exchange.js';
import { isPlainCall } from '../streams/isPlainCall.js';
import { KeyedMembers } from '../streams/keyedMembers.js';
import type { Latest } from '../streams/latest.js';
import { positiveInteger } from '../streams/positiveInteger.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import { sharedAmong, type Sharing } from '../streams/sharedAmong.js';
import { sameAt } from './sameAt.js';

type Call = Exchange & Authenticated & InSession & Resolved & Partial<Authorized>;

export interface BatchOptions {
  /** Finds the tool that takes many. */
  readonly catalog: Latest<Catalog>;
  /** The tool that takes one, by its server's own name. */
  readonly tool: string;
  /** The tool of the same server that takes many. */
  readonly into: string;
  /** The server; without it any that has both. */
  readonly server?: string;
  /** Makes the arguments of the one call of those of several, in their order. Where it throws each call is made for itself. */
  readonly combine: (calls: readonly Params[]) => Params;
  /**
   * Parts the result: for each call, in their order, its result, an `{ error }` of JSON-RPC, or undefined where there is none for it. Where
   * it throws none has an answer.
   */
  readonly split: (result: Result, calls: readonly Params[]) => readonly (Part | undefined)[];
  /** How long a call waits for others, in milliseconds. Default: 5. */
  readonly windowMs?: number;
  /** Most calls in one. Default: 50. */
  readonly size?: number;
  /** Whose calls are mixed. Default: those of one principal; with the others whoever writes the chain vouches for it. */
  readonly by?: Sharing;
  readonly scheduler?: SchedulerLike;
}

/** Most batches that wait at a time; beyond them each call is made for itself. */
const maxWaiting = 10_000;

/**
 * Makes one call of a tool that takes many of several calls of one that takes one, and gives each its own answer.
 *
 * > Fifty orders that are asked for in the same moment are one question to their server.
 *
 * ```
 * calls (get_order)        --a-b-------------|
 * part (get_orders)        -----(ab)--R|
 * batch (window 3)         -----------(r1 r2)|
 * ```
 *
 * A call that stays alone in its window is made as it is. Who leaves ends nothing for the others. An error of the whole is everybody's, one of a
 * part its own. Access lists hold for the tool that takes many, too: to whom it is not shown, no call of it is made.
 *
 * ```ts
 * stock.sendThrough((send) => batch(send, { ...context, tool: 'get_order', into: 'get_orders',
 *   combine: (calls) => ({ ids: calls.map(({ id }) => id) }),
 *   split: ({ structuredContent }, calls) => calls.map(({ id }) => asResult(structuredContent.orders[id])) }))
 * ```
 *
 * @param part sends one call or the other
 */
export const batch = <E extends Call>(
  part: OperatorFunction<E, Reply>,
  options: BatchOptions,
): Service<E, Reply> => {
  const {
    catalog,
    tool,
    into,
    server,
    combine,
    by = 'principal',
    windowMs = 5,
    scheduler = asyncScheduler,
  } = options;
  const size = positiveInteger('batch: size', options.size ?? 50);
  if (!(windowMs > 0)) throw new TypeError(`batch: windowMs must be above 0, and is ${windowMs}`);
  if (tool === into) throw new TypeError('batch: the tool that takes many must be another one');
  const send = answerOf(part);
  const waiting = new KeyedMembers<string, CallBatch<E>>();
  const targetOf = (exchange: E): Target | undefined => {
    const { target } = exchange;
    const wanted = { ...target, tool: target.tool && { ...target.tool, name: into } };
    return sameAt(catalog.current, { ...exchange, target: wanted }, target.server.settings.name);
  };
  const together = (calls: readonly E[]): E | undefined => {
    const [first] = calls;
    if (first === undefined) return undefined;
    const target = targetOf(first);
    const args = combined(combine, calls);
    if (target === undefined || args === undefined || (target.validate?.(args).length ?? 0) > 0)
      return undefined;
    const params = { name: into, arguments: args };
    // Nobody of them can be asked, and nobody in particular is told of progress.
    return {
      ...first,
      session: undefined,
      message: { ...first.message, params },
      target: { ...target, params, offeredAsTask: false },
    };
  };
  const begin = (key: string): CallBatch<E> => {
    const made: CallBatch<E> = new CallBatch({
      ...{ together, send, windowMs, size, scheduler },
      split: (result, calls) => options.split(result, calls.map(argumentsOf)),
      closed: () => {
        if (waiting.get(key) === made) waiting.delete(key);
      },
    });
    waiting.set(key, made);
    return made;
  };
  return service((exchange) => {
    const { target, decision, origin } = exchange;
    const { name } = target.server.settings;
    if (target.tool?.name !== tool || (server !== undefined && server !== name)) return send(exchange);
    if (!isPlainCall(exchange) || targetOf(exchange) === undefined) return send(exchange);
    const key = JSON.stringify([
      name,
      origin.namespace,
      sharedAmong(exchange, by),
      decision?.obligations.headers,
    ]);
    const open = waiting.get(key);
    if (open === undefined && waiting.size >= maxWaiting) return send(exchange);
    return (open ?? begin(key)).join(exchange);
  });
};

const argumentsOf = ({ target }: Resolved): Params => {
  const { arguments: args } = target.params;
  return isObject(args) ? args : {};
};

const combined = (combine: BatchOptions['combine'], calls: readonly Resolved[]): Params | undefined => {
  try {
    return combine(calls.map(argumentsOf));
  } catch {
    // One call's arguments must not fail the others: each is made for itself.
    return undefined;
  }
};
