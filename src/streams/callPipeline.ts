/** The part of the dataflow that is about calls to servers, assembled; see pipeline.ts, which it is a part of. */
import type { Observable, OperatorFunction } from 'rxjs';
import type { StateSeal } from '../protocol/sealedState.js';
import { addressReplies } from '../operators/addressReplies.js';
import { authorize } from '../operators/authorize.js';
import { cache, type CacheOptions } from '../operators/cache.js';
import { confirmHeaders } from '../operators/confirmHeaders.js';
import type { Admission } from '../operators/confirmScopes.js';
import { enterServer } from '../operators/enterServer.js';
import { gatherInput } from '../operators/gatherInput.js';
import { invoke } from '../operators/invoke.js';
import { limitCalls } from '../operators/limitCalls.js';
import { limitConcurrency } from '../operators/limitConcurrency.js';
import { limitStreams } from '../operators/limitStreams.js';
import { narrowCompletions } from '../operators/narrowCompletions.js';
import { noteElicitations } from '../operators/noteElicitations.js';
import { offerTasks } from '../operators/offerTasks.js';
import { openState } from '../operators/openState.js';
import { redactArguments } from '../operators/redactArguments.js';
import { redactReplies } from '../operators/redactReplies.js';
import { relayInput } from '../operators/relayInput.js';
import { resolveTool } from '../operators/resolveTool.js';
import { retryAcrossInstances, type Order } from '../operators/retryAcrossInstances.js';
import { traceAttempts } from '../operators/traceAttempts.js';
import { transform } from '../operators/transform.js';
import { validateArguments } from '../operators/validateArguments.js';
import { within, type Limits } from '../operators/within.js';
import type { Bulkheads } from './bulkheads.js';
import type { Catalog } from './catalog.js';
import { chain } from './chain.js';
import type { Elicitations } from './elicitations.js';
import type { Exchange, Resolved } from './exchange.js';
import type { Judge } from './judge.js';
import type { Latest } from './latest.js';
import type { Limiter } from './limiter.js';
import { named } from './named.js';
import type { Checked, Entered, StockOperators } from './ownPipeline.js';
import type { Parking } from './parking.js';
import type { RateLimits } from './rateLimits.js';
import type { Redactions } from './redactions.js';
import type { Reply } from './reply.js';
import { answerOf, service, type Service } from './service.js';
import type { StreamLimits } from './streamLimits.js';
import { taskOffer, type TaskFeeds } from './taskPipeline.js';
import type { Tracing } from './tracing.js';
import type { Transforms } from './transforms.js';

/** What the operators of a call need to know; each is read at the moment a call passes. */
export interface CallFeeds {
  readonly catalog: Latest<Catalog>;
  /** Completes when the catalogue is as fresh as it can be now. */
  readonly refresh: () => Observable<never>;
  readonly tasks: TaskFeeds;
  /** What sessions were asked for by URL, until it is done. */
  readonly elicitations: Elicitations;
  /** The calls under way to servers that take only so many. */
  readonly bulkheads: Bulkheads;
  /** What the policies say of calls. */
  readonly judge: Judge;
  /** Counts what is limited by rate or quota. */
  readonly limiter: Limiter;
}

export interface CallOptions {
  readonly admission: () => Admission | undefined;
  readonly order: Order;
  readonly limitsOf: (exchange: Exchange & Resolved) => Limits;
  /** How much may be under way of one client, session, server. */
  readonly streamLimits: StreamLimits;
  /** How often each client may do what. */
  readonly rates: RateLimits;
  /** Seals what a client holds between two rounds of a call. */
  readonly seal: StateSeal;
  readonly parking: Parking;
  /** What is taken out of arguments and replies. */
  readonly redactions: Redactions;
  /** Undefined where no answers are remembered. */
  readonly caching: CacheOptions | undefined;
  /** What arguments and results of tools are rewritten to. */
  readonly transforms: Transforms;
  readonly now: () => number;
  /** Undefined where no traces are wanted. */
  readonly tracing: Tracing | undefined;
}

/** A call that one server answers: the stages, in their order, and all of them as one chain. */
export const callPipeline = (
  { catalog, refresh, tasks, elicitations, bulkheads, judge, limiter }: CallFeeds,
  {
    order,
    limitsOf,
    streamLimits,
    seal,
    parking,
    rates,
    redactions,
    caching,
    transforms,
    now,
    admission,
    tracing,
  }: CallOptions,
): StockOperators => {
  // Innermost: only sending is repeated, nothing above it is.
  const attempts = named(
    'retryAcrossInstances',
    retryAcrossInstances(order, named('invoke', traceAttempts(invoke(), tracing))),
  );
  // Around all attempts: a call that is tried again keeps its place.
  const placed = named('limitConcurrency', limitConcurrency(attempts, bulkheads));
  // Beneath relayInput: a call that waits for its client's answer is still one of its server's.
  const counted: Service<Checked, Reply> = named(
    'limitServer',
    limitStreams(placed, [streamLimits.ofServer]),
    'quick',
  );
  // Beneath relayInput: what is remembered is what servers say, and no question or answer of a client; above all that sending costs.
  const remembered = caching === undefined ? counted : named('cache', cache<Checked>(counted, caching));
  const sendBy = (part: OperatorFunction<Checked, Reply>): Service<Checked, Reply> => {
    // Beneath relayInput, which takes the ids off for clients that know none.
    const noted = narrowCompletions(noteElicitations(part, elicitations), catalog);
    // Beneath redaction, which looks at what the client sent, and at what comes of this.
    const once = named('transform', transform(noted, transforms, now), 'quick');
    return offerTasks<Checked>(
      // beneath all checks: what they refuse never becomes a task
      redactReplies<Checked>(
        // outermost: nothing leaves, and no task is kept, with what is redacted
        addressReplies(
          // nearest to the client: its token may change from round to round
          within(
            // one deadline for all attempts and rounds together
            relayInput(once, { seal, parking }), // above once: each round is a call of its own, and may be retried
            limitsOf,
          ),
        ),
      ),
      redactReplies<Checked>(
        within(gatherInput(once), (exchange) => taskLimits(limitsOf(exchange), exchange, tasks.ttlMs)),
      ),
      taskOffer(tasks),
    );
  };
  const stock = {
    resolveTool: named('resolveTool', resolveTool(catalog, refresh)), // first: what follows depends on the tool and its server
    enterServer: named('enterServer', enterServer(admission), 'quick'), // beneath resolveTool, which knows the server; above all that tells of the tool
    limitCalls: named('limitCalls', limitCalls(rates, limiter)), // beneath resolveTool: limits of the tool and its server; above all that costs
    confirmHeaders: named('confirmHeaders', confirmHeaders(), 'quick'), // beneath resolveTool, which knows the schema that says which headers there are
    validateArguments: named('validateArguments', validateArguments()), // beneath resolveTool, which knows the schema; above all that spends anything upstream
    authorize: named('authorize', authorize(judge, rates, limiter, admission)), // beneath validateArguments: policies may rely on well-formed arguments; above all that spends anything upstream
    redactArguments: named('redactArguments', redactArguments(redactions)), // beneath authorize: policies see what was sent, and may want more masked; above all that leaves
    openState: named('openState', openState(seal), 'quick'), // beneath resolveTool: a state is bound to its tool; above all that spends anything upstream
    send: sendBy(remembered),
  };
  const all: OperatorFunction<Entered, Reply> = chain(
    stock.resolveTool,
    stock.enterServer,
    stock.limitCalls,
    stock.confirmHeaders,
    stock.validateArguments,
    stock.authorize,
    stock.redactArguments,
    stock.openState,
    stock.send,
  );
  return { ...stock, all: service(answerOf(all)), sendThrough: (wrap) => sendBy(wrap(remembered)) };
};

/** Nobody waits for a task: it may be silent until its end, unless the configuration says otherwise for this very tool. */
const taskLimits = (limits: Limits, { target }: Exchange & Resolved, ttlMs: number): Limits => ({
  firstByteMs: target.rule?.times?.firstByteMs ?? target.rule?.timeoutMs ?? ttlMs,
  idleMs: target.rule?.timeoutMs ?? ttlMs,
  askMs: ttlMs,
  totalMs: target.rule?.times?.totalMs ?? Math.max(limits.totalMs, ttlMs),
});
