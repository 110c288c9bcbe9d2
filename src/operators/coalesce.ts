import type { Observable, OperatorFunction } from 'rxjs';
import { canonicalJson } from '../protocol/canonicalJson.js';
import { anyOf } from '../protocol/glob.js';
import { metaOf } from '../protocol/mcp.js';
import { capabilitiesOf } from '../streams/capabilitiesOf.js';
import type { Authenticated, Authorized, Exchange, InSession, Resolved } from '../streams/exchange.js';
import { isPersonal } from '../streams/isPersonal.js';
import { KeyedMembers } from '../streams/keyedMembers.js';
import { isPlainCall } from '../streams/isPlainCall.js';
import { Marks } from '../streams/marks.js';
import { positiveInteger } from '../streams/positiveInteger.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import { sharedAmong, type Sharing } from '../streams/sharedAmong.js';
import { SharedCall } from '../streams/sharedCall.js';

export interface CoalesceOptions {
  /**
   * Among whom an answer is shared: the calls of one principal (the default), of one tenant, or of everybody. With the last two
   * whoever writes the chain vouches for it that the server gives all of them the same answers. A server that is called with
   * credentials of each caller shares among the calls with one credential, whatever is said here.
   */
  readonly by?: Sharing;
  /** Tools that only read, besides those that say so (`readOnlyHint`): globs over the server's own names. */
  readonly tools?: readonly string[];
  /** Arguments that change from call to call and do not change the answer: a time stamp, an id of the request. */
  readonly ignore?: readonly string[];
  /** Most callers that share one call; the next one makes a call of its own. 1000 by default. */
  readonly maxSharers?: number;
  /** Most calls that can be joined at a time; beyond them each is made for itself. 10 000 by default. */
  readonly maxKeys?: number;
}

type Call = Exchange & Authenticated & InSession & Resolved & Partial<Authorized>;

/**
 * Makes one call of identical reads that are under way at the same time.
 *
 * > A thousand clients that read the same thing in the same second are one call to its server, and a thousand answers.
 *
 * ```
 * calls              --a--b-----------|      b reads what a reads
 * part, for a          --n----r|
 * coalesce           ----n----(rr)----|
 * ```
 *
 * Reads are `resources/read`, `prompts/get`, completions, and tools that only read. Nothing is kept: who comes after the answer makes a
 * call of its own. Who leaves ends nothing for the others; with the last one the call is cancelled. What a server asks for in the middle
 * of a call (elicitation, sampling), and a task that it makes of it, is the first caller's alone: the others go on with calls of their
 * own. Lists need none of it: the gateway answers them from its catalogue.
 *
 * Stands around what sends, beneath what is each caller's own: deadline, progress token, redaction.
 *
 * @param part sends the call
 */
export const coalesce = <E extends Call>(
  part: OperatorFunction<E, Reply>,
  options: CoalesceOptions = {},
): Service<E, Reply> => {
  const { by = 'principal', tools = [], ignore = [] } = options;
  const maxSharers = positiveInteger('coalesce: maxSharers', options.maxSharers ?? 1000);
  const maxKeys = positiveInteger('coalesce: maxKeys', options.maxKeys ?? 10_000);
  const send = answerOf(part);
  const reads = anyOf(tools);
  const ignored = Object.fromEntries(ignore.map((name) => [name, undefined]));
  const shared = new KeyedMembers<string, SharedCall<E>>();
  const begin = (exchange: E, key: string): Observable<Reply> => {
    const call: SharedCall<E> = new SharedCall(exchange, {
      send,
      isPersonal,
      apart: send,
      lingering: () => undefined,
      ended: () => {
        if (shared.get(key) === call) shared.delete(key);
      },
    });
    shared.set(key, call);
    return call.join(exchange);
  };
  return service((exchange) => {
    if (!isShareable(exchange, reads)) return send(exchange);
    const key = keyOf(exchange, by, ignored);
    const call = shared.get(key);
    if (call === undefined) return shared.size < maxKeys ? begin(exchange, key) : send(exchange);
    if (call.size >= maxSharers || !call.lastsFor(exchange)) return send(exchange);
    exchange.notes.marks.enter(joining);
    return call.join(exchange);
  });
};

/** Tells in traces and records which calls were made by another. */
const joining = Marks.idOf('coalesce');

const isShareable = (exchange: Call, reads: (tool: string) => boolean): boolean => {
  const { tool } = exchange.target;
  return (
    (tool === undefined || tool.annotations?.readOnlyHint === true || reads(tool.name)) &&
    isPlainCall(exchange)
  );
};

/** All that the server is told, and whose answer it may be; not which trace it is part of. */
const keyOf = (exchange: Call, by: Sharing, ignored: Readonly<Record<string, undefined>>) => {
  const { target, origin, message, session, decision } = exchange;
  const { server, method, params } = target;
  const { arguments: args } = params;
  const logLevel = origin.revision.sessions ? session?.logLevel : origin.revision.logLevel(message);
  return canonicalJson([
    server.settings.name,
    method,
    sharedAmong(exchange, by),
    decision?.obligations.headers,
    logLevel,
    metaOf(message.params)['progressToken'] !== undefined,
    capabilitiesOf(exchange),
    {
      ...params,
      ...(typeof args === 'object' && { arguments: { ...args, ...ignored } }),
      _meta: { ...metaOf(params), traceparent: undefined, tracestate: undefined, baggage: undefined },
    },
  ]);
};
