import {
  asyncScheduler,
  map,
  merge,
  mergeMap,
  throwError,
  timer,
  type Observable,
  type OperatorFunction,
  type SchedulerLike,
} from 'rxjs';
import { errorTable, refusal, type GatewayErrorCode } from '../protocol/errors.js';
import { anyOf } from '../protocol/glob.js';
import { demandOptions } from '../streams/demandOptions.js';
import type { Exchange, Resolved } from '../streams/exchange.js';
import { Marks } from '../streams/marks.js';
import { isFinal, type Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import { shareOf } from '../streams/shareOf.js';

/** What goes wrong with some calls. At least one of `delayMs`, `error` and `cutMs`; a call is delayed first, and then fails. */
export interface FaultRule {
  /** Of all calls that it is about, 0 to 1. */
  readonly share: number;
  /** Globs over names of servers; all if not given. */
  readonly servers?: readonly string[];
  /** Globs over the servers' own names of tools; if not given, calls that are no tools' too. */
  readonly tools?: readonly string[];
  /** So long it takes until the call is sent, in milliseconds: always the same, or anything from the first to the second. */
  readonly delayMs?: number | readonly [least: number, most: number];
  /** The call is not sent, and fails with this. */
  readonly error?: GatewayErrorCode;
  /** The call is sent, and its connection lost so many milliseconds later, at the latest when its answer comes (`Infinity`). */
  readonly cutMs?: number;
}

export interface FaultOptions {
  /** Nothing goes wrong unless this is true, or gives true when a call comes. */
  readonly on: boolean | (() => boolean);
  /** The first that is about a call, and hits it, counts. */
  readonly rules: readonly FaultRule[];
  /** Numbers from 0 to below 1; `Math.random` by default. One that is seeded makes the same calls fail again. */
  readonly random?: () => number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

/**
 * Makes calls slow, fail or lose their connection, to see what clients and the chain above make of it.
 *
 * ```
 * calls                      --a--------b-------c------|
 * part, for a and c            -r|              -r|
 * fault (delay 3, error,     ------r----#--------#-----|    a is delayed, b not sent, c's connection is cut:
 *        cut)                                               its server has done it, and nobody knows
 * ```
 *
 * Calls that nothing goes wrong with pass in their frame. Stands around what sends: beneath deadlines and whatever else is to be tried
 * out.
 *
 * @param part sends the call
 */
export const fault = <E extends Exchange & Resolved>(
  part: OperatorFunction<E, Reply>,
  options: FaultOptions,
): Service<E, Reply> => {
  demandOptions('fault', options, ['on', 'rules']);
  const { on, rules, random = Math.random, scheduler = asyncScheduler } = options;
  const send = answerOf(part);
  const faults = rules.map(compiled);
  const isOn = typeof on === 'function' ? on : () => on;
  return service((exchange) => {
    if (!isOn()) return send(exchange);
    const { server, tool } = exchange.target;
    const hit = faults.find(({ fits, share }) => fits(server.settings.name, tool?.name) && random() < share);
    if (hit === undefined) return send(exchange);
    exchange.notes.marks.enter(failing);
    const { delay, error, cutMs } = hit;
    const after = (): Observable<Reply> => {
      if (error !== undefined)
        return throwError(() => refusal(error, 'A fault that was asked for (operator fault)'));
      return cutMs === undefined ? send(exchange) : cut(send(exchange), cutMs, scheduler);
    };
    return delay === undefined ? after() : timer(between(delay, random()), scheduler).pipe(mergeMap(after));
  });
};

/** Tells in traces and records which calls were meddled with. */
const failing = Marks.idOf('fault');

interface Compiled {
  readonly share: number;
  readonly fits: (server: string, tool: string | undefined) => boolean;
  readonly delay: readonly [number, number] | undefined;
  readonly error: GatewayErrorCode | undefined;
  readonly cutMs: number | undefined;
}

const compiled = ({ share, servers, tools, delayMs, error, cutMs }: FaultRule): Compiled => {
  if (delayMs === undefined && error === undefined && cutMs === undefined)
    throw new TypeError('fault: a rule needs delayMs, error or cutMs');
  if (error !== undefined && !Object.hasOwn(errorTable, error))
    throw new TypeError(`fault: ${error} is no code of an error`);
  const delay = typeof delayMs === 'number' ? ([delayMs, delayMs] as const) : delayMs;
  if (delay !== undefined && !(delay[0] >= 0 && delay[1] >= delay[0] && delay[1] < Infinity))
    throw new TypeError('fault: delayMs must be a number of milliseconds, or two, the smaller one first');
  if (cutMs !== undefined && !(cutMs >= 0))
    throw new TypeError('fault: cutMs must be a number of milliseconds');
  const ofServer = servers && anyOf(servers);
  const ofTool = tools && anyOf(tools);
  return {
    share: shareOf('fault: share', share),
    fits: (server, tool) =>
      (ofServer?.(server) ?? true) && (ofTool === undefined || (tool !== undefined && ofTool(tool))),
    delay,
    error,
    cutMs,
  };
};

const between = ([least, most]: readonly [number, number], random: number): number =>
  least + (most - least) * random;

/** The connection of a call is lost: what has become of it is not known. */
const cut = (replies$: Observable<Reply>, ms: number, scheduler: SchedulerLike): Observable<Reply> => {
  const lost = (): never => {
    throw refusal('ERR_UPSTREAM_FAILED', 'The connection was cut, as was asked for (operator fault)');
  };
  const cut$ = replies$.pipe(map((reply) => (isFinal(reply) ? lost() : reply)));
  return ms === Infinity ? cut$ : merge(cut$, timer(ms, scheduler).pipe(map(lost)));
};
