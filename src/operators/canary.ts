import { catchError, defer, tap, type Observable, type OperatorFunction } from 'rxjs';
import { fromUnknown, type Outcome } from '../protocol/errors.js';
import { hash } from '../streams/balancing/hash.js';
import type { CanaryGuard } from '../streams/canaryGuard.js';
import type { Catalog } from '../streams/catalog.js';
import { demandOptions } from '../streams/demandOptions.js';
import type { Authenticated, Exchange, InSession, Resolved, Target } from '../streams/exchange.js';
import type { Latest } from '../streams/latest.js';
import { Marks } from '../streams/marks.js';
import { outcomeOf } from '../streams/outcomeOf.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import { shareOf } from '../streams/shareOf.js';
import { beneathResolve } from './beneathResolve.js';
import { sameAt } from './sameAt.js';

export interface CanaryOptions {
  /** Where the new version is looked up: `context.catalog`. */
  readonly catalog: Latest<Catalog>;
  /** Name of the server whose calls are divided. */
  readonly from: string;
  /** Name of the server that is its new version. */
  readonly to: string;
  /** Of the callers, or of the calls where it is `by: 'random'`, 0 to 1. Who is among few is among more. */
  readonly share: number;
  /**
   * What goes one way together: the calls of a principal (the default; of who has not said who he is, those of his session or address),
   * those of a session, or none.
   */
  readonly by?: 'principal' | 'session' | 'random';
  /** An HTTP header by which a client chooses: `new` or `old`. None by default: whoever can send it can choose. */
  readonly header?: string;
  /** Gives the new version up when too many of its calls fail. */
  readonly guard?: CanaryGuard;
  /** Numbers from 0 to below 1; `Math.random` by default. */
  readonly random?: () => number;
}

type Call = Exchange & Authenticated & InSession & Resolved;

/**
 * Sends a share of a server's calls to its new version: another server that has the same tools.
 *
 * > Callers see one server. The new version gets as many of them as it may, and none when it does badly.
 *
 * ```
 * calls                --a-----b-----c--|
 * canary (share 0.3)   --A-----b-----c--|     A goes to the new version
 * ```
 *
 * Stands right beneath `resolveTool`, around all the rest: scopes, limits, schema, policies and redaction are then those of the server that
 * gets the call; around a part that needs a decision it does not compile. What the new version does not have, or this caller may not see
 * of it, stays where it was. The record of a call names the server that got it, and its stages name `canary`.
 *
 * @param part all that follows `resolveTool`
 */
export const canary = (part: OperatorFunction<Call, Reply>, options: CanaryOptions): Service<Call, Reply> => {
  demandOptions('canary', options, ['catalog', 'from', 'to', 'share']);
  const { catalog, from, to, guard } = options;
  if (from === to) throw new TypeError('canary: from and to are the same server');
  const header = options.header?.toLowerCase();
  const send = answerOf(part);
  const isChosen = chooser(options);
  return service((exchange) => {
    if (exchange.target.server.settings.name !== from) return send(exchange);
    beneathResolve('canary', exchange);
    const said = header === undefined ? undefined : exchange.origin.headers[header];
    const isNew = said === 'new' || (said !== 'old' && guard?.isAborted !== true && isChosen(exchange));
    // A round goes to the server that has asked, whatever would be chosen now: the state that it comes with is that server's alone.
    const isRound = exchange.target.params['requestState'] !== undefined;
    const target = isNew || isRound ? sameAt(catalog.current, exchange, to) : undefined;
    if (target === undefined) return send(exchange);
    const toOld = (): Observable<Reply> => send(noted(exchange, exchange.target));
    const toNew = (): Observable<Reply> => {
      exchange.notes.marks.enter(going);
      const replies$ = send(noted(exchange, target));
      return guard === undefined ? replies$ : watched(replies$, guard);
    };
    if (!isRound) return toNew();
    return isNew ? elseBy(toNew, toOld) : elseBy(toOld, toNew);
  });
};

/** Tells in traces and records which calls went to a new version. */
const going = Marks.idOf('canary');

const chooser = ({ to, share, by = 'principal', random = Math.random }: CanaryOptions) => {
  shareOf('canary: share', share);
  return (exchange: Call): boolean => {
    const key = by === 'random' ? undefined : keyOf(exchange, by);
    return (key === undefined ? random() : hash(`${to} ${key}`) / 2 ** 32) < share;
  };
};

/** Undefined where there is nothing to tell this caller from others by. */
const keyOf = ({ principal, origin }: Call, by: 'principal' | 'session'): string | undefined =>
  by === 'principal' && principal.anonymous !== true
    ? principal.id
    : (origin.sessionId ?? (principal.anonymous === true ? origin.address : principal.id));

/** The call as it goes to that server, and whose call it is for the record. */
const noted = (exchange: Call, target: Target): Call => {
  const { notes } = exchange;
  notes.server = target.server.settings.name;
  notes.resolved = target;
  return target === exchange.target ? exchange : { ...exchange, target };
};

/** Nothing has been sent by a state that is not of this server. */
const elseBy = (first: () => Observable<Reply>, other: () => Observable<Reply>): Observable<Reply> =>
  defer(first).pipe(
    catchError((error: unknown) => {
      if (fromUnknown(error).code === 'ERR_STATE_INVALID') return other();
      throw error;
    }),
  );

const watched = (replies$: Observable<Reply>, guard: CanaryGuard): Observable<Reply> =>
  replies$.pipe(
    tap({
      next: (reply) => {
        const outcome = outcomeOf(reply);
        if (outcome !== undefined) guard.ended(failures.has(outcome));
      },
      error: (error: unknown) => guard.ended(failures.has(fromUnknown(error).outcome)),
    }),
  );

/** What speaks against a server, and not against its caller. */
const failures: ReadonlySet<Outcome> = new Set([
  'tool_error',
  'upstream_failed',
  'timeout',
  'no_instance',
  'internal',
]);
