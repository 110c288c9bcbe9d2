import { asyncScheduler, type OperatorFunction, type SchedulerLike } from 'rxjs';
import type { Difference } from '../protocol/differences.js';
import { anyOf } from '../protocol/glob.js';
import { metaKeys, metaOf } from '../protocol/mcp.js';
import type { Catalog } from '../streams/catalog.js';
import { comparedAnswers } from '../streams/comparedAnswers.js';
import { demandOptions } from '../streams/demandOptions.js';
import type { Authenticated, Exchange, InSession, Resolved, Target } from '../streams/exchange.js';
import { isPersonal } from '../streams/isPersonal.js';
import type { Latest } from '../streams/latest.js';
import { Marks } from '../streams/marks.js';
import { nobody } from '../streams/nobody.js';
import { positiveInteger } from '../streams/positiveInteger.js';
import type { Reply } from '../streams/reply.js';
import { answerOf, service, type Service } from '../streams/service.js';
import { ShadowCalls, type CallEnd } from '../streams/shadowCalls.js';
import { shareOf } from '../streams/shareOf.js';
import { beneathResolve } from './beneathResolve.js';
import { sameAt } from './sameAt.js';

/** A call whose answers are not the same. */
export interface MirrorDifference {
  /** Of the call, in log and trace. */
  readonly id: string;
  readonly method: string;
  /** As the client named it: tool, prompt or URI. */
  readonly target: string | undefined;
  readonly from: string;
  readonly to: string;
  /** `late`: the second server had not answered in time. */
  readonly kind: 'different' | 'late';
  /** JSON pointers into `{ result | error | failure }`; with `values: true`, what stands there. At most 20. */
  readonly at: readonly (Pick<Difference, 'at'> & Partial<Difference>)[];
}

/** What has become of the calls that were to be mirrored, up to now. */
export interface MirrorCounts {
  readonly mirrored: number;
  readonly same: number;
  readonly different: number;
  readonly late: number;
  /** Not mirrored, because as many were under way as may. */
  readonly dropped: number;
  /** Differences that {@link MirrorOptions.onDifference} threw at. */
  readonly untold: number;
}

export interface MirrorOptions {
  /** Where the second server is looked up: `context.catalog`. */
  readonly catalog: Latest<Catalog>;
  /** Name of the server whose calls are mirrored. */
  readonly from: string;
  /** Name of the server that gets them too. */
  readonly to: string;
  /** Of the calls, 0 to 1. */
  readonly share: number;
  /** Told of each call whose answers differ: `(difference) => subject.next(difference)`, a log, an alert. */
  readonly onDifference: (difference: MirrorDifference) => void;
  /** Tools that may be called twice although they do not say that they only read: globs over the server's own names. */
  readonly tools?: readonly string[];
  /** Parts of answers that are not compared: `$..updatedAt`, `/result/structuredContent/time`. `_meta` never is. */
  readonly ignore?: readonly string[];
  /** Whether what differs is told, and not only where. It may be somebody's data. */
  readonly values?: boolean;
  /** Most mirrored calls under way at a time. 100 by default. */
  readonly maxInFlight?: number;
  /** Longest time for a mirrored call, in milliseconds. 10 000 by default. */
  readonly deadlineMs?: number;
  /** Numbers from 0 to below 1; `Math.random` by default. */
  readonly random?: () => number;
  /** Time, for tests. */
  readonly scheduler?: SchedulerLike;
}

type Call = Exchange & Authenticated & InSession & Resolved;

/**
 * Makes a share of a server's calls at a second server too, and tells where the answers differ.
 *
 * > The client gets the answer of the first, untouched, and never waits for the second.
 *
 * ```
 * calls              --a----------------|
 * part, for a          ---r|
 * part, mirrored       --------s|
 * mirror             -----r-------------|     r and s are compared when s has come
 * ```
 *
 * Only what reads is mirrored, unless told. The second server is asked in the caller's name, and can ask nobody anything. Stands right
 * beneath `resolveTool`, around all the rest: scopes, limits, policies and redaction of the second server hold for what it gets, and what is
 * compared is redacted. What it does not have, or this caller may not see of it, is not mirrored. A client that leaves takes the mirrored
 * call with it.
 *
 * @param part all that follows `resolveTool`
 */
export const mirror = (
  part: OperatorFunction<Call, Reply>,
  options: MirrorOptions,
): Service<Call, Reply> & { readonly counts: MirrorCounts } => {
  demandOptions('mirror', options, ['catalog', 'from', 'to', 'share', 'onDifference']);
  const { catalog, from, to, random = Math.random, scheduler = asyncScheduler } = options;
  if (from === to) throw new TypeError('mirror: from and to are the same server');
  const share = shareOf('mirror: share', options.share);
  const shadows = new ShadowCalls({
    maxInFlight: positiveInteger('mirror: maxInFlight', options.maxInFlight ?? 100),
    deadlineMs: positiveInteger('mirror: deadlineMs', options.deadlineMs ?? 10_000),
    scheduler,
  });
  const counts = { mirrored: 0, same: 0, different: 0, late: 0, dropped: 0, untold: 0 };
  const compared = comparing(options, counts);
  const mayRepeat = anyOf(options.tools ?? []);
  const send = answerOf(part);
  const operator = service<Call, Reply>((exchange) => {
    if (exchange.target.server.settings.name !== from) return send(exchange);
    beneathResolve('mirror', exchange);
    if (!isHarmless(exchange, mayRepeat) || random() >= share) return send(exchange);
    const target = sameAt(catalog.current, exchange, to);
    if (target === undefined) return send(exchange);
    if (!shadows.hasRoom) {
      counts.dropped++;
      return send(exchange);
    }
    counts.mirrored++;
    return shadows.beside(
      send(exchange),
      () => send(shadowOf(exchange, target)),
      (call, shadow) => compared(exchange, call, shadow),
    );
  });
  return Object.assign(operator, { counts });
};

const isHarmless = ({ target, message }: Call, mayRepeat: (tool: string) => boolean): boolean => {
  const { tool, params } = target;
  if (tool !== undefined && tool.annotations?.readOnlyHint !== true && !mayRepeat(tool.name)) return false;
  // A task is not an answer, and a round is for the server that has asked.
  return message.id !== undefined && params['task'] === undefined && params['requestState'] === undefined;
};

/** The call as the second server gets it: of the same caller, who can't be asked, hears of no progress, and whose record it is not in. */
const shadowOf = (exchange: Call, target: Target): Call => {
  const { message, session, notes } = exchange;
  const { progressToken: _token, ...meta } = metaOf(message.params);
  const unable = metaKeys.clientCapabilities in meta ? { [metaKeys.clientCapabilities]: {} } : undefined;
  return {
    ...exchange,
    id: `${exchange.id}-mirror`,
    message: { ...message, params: { ...message.params, _meta: { ...meta, ...unable } } },
    session: session && { ...session, capabilities: {} },
    outlet: nobody(),
    notes: {
      ...notes,
      attempts: 0,
      tried: undefined,
      marks: new Marks(),
      trace: { own: undefined, made: undefined },
    },
    target,
  };
};

/** What there is to be done when both have ended. */
const comparing = (options: MirrorOptions, counts: { -readonly [K in keyof MirrorCounts]: number }) => {
  const { from, to, values = false, onDifference } = options;
  const compare = comparedAnswers(options.ignore ?? []);
  const tell = (difference: MirrorDifference): void => {
    try {
      onDifference(difference);
    } catch {
      // Neither the client nor the call can help it, and there is nobody else to tell: it is counted.
      counts.untold++;
    }
  };
  return ({ id, message, notes }: Call, call: CallEnd, shadow: CallEnd | undefined): void => {
    // A question to the client, or a task, is no answer that could be compared.
    if ('reply' in call && isPersonal(call.reply)) return;
    const found = shadow === undefined ? undefined : compare(call, shadow);
    const kind = found === undefined ? 'late' : found.length === 0 ? 'same' : 'different';
    counts[kind]++;
    if (kind === 'same') return;
    const at = (found ?? []).map((each) => (values ? each : { at: each.at }));
    tell({ id, method: message.method, target: notes.target, from, to, kind, at });
  };
};
