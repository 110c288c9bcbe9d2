/**
 * The gateway's dataflow, assembled in one place. Each line says why it stands where it stands.
 *
 * Built once per configuration; a call is `pipeline(of(exchange))`, subscribed in `serveEach`. The one file of this folder that
 * knows operators: it is the picture of design.md in code.
 */
import { type Observable, type OperatorFunction } from 'rxjs';
import type { Cursors } from '../protocol/cursor.js';
import type { StateSeal } from '../protocol/sealedState.js';
import { internalMethods, listenMethod } from '../protocol/methods.js';
import type { Implementation } from '../protocol/mcp.js';
import { cancelled } from '../handlers/cancelled.js';
import { clientResponse } from '../handlers/clientResponse.js';
import { discover } from '../handlers/discover.js';
import { endSession } from '../handlers/endSession.js';
import { judgeWatch } from '../handlers/judgeWatch.js';
import { initialize } from '../handlers/initialize.js';
import { listen, type ListenOptions } from '../handlers/listen.js';
import { list, listMethods } from '../handlers/list.js';
import { selfDescription } from '../handlers/selfDescription.js';
import { setLogLevel } from '../handlers/setLogLevel.js';
import { resumeStream } from '../handlers/resumeStream.js';
import { standaloneStream } from '../handlers/standaloneStream.js';
import { subscribe } from '../handlers/subscribe.js';
import { unsubscribe } from '../handlers/unsubscribe.js';
import { addressReplies } from '../operators/addressReplies.js';
import { admit } from '../operators/admit.js';
import { authenticate } from '../operators/authenticate.js';
import { authorize } from '../operators/authorize.js';
import { byMethod } from '../operators/byMethod.js';
import { checkShape } from '../operators/checkShape.js';
import { challengeStrangers } from '../operators/challengeStrangers.js';
import { confirmHeaders } from '../operators/confirmHeaders.js';
import type { Admission } from '../operators/confirmScopes.js';
import { enterServer } from '../operators/enterServer.js';
import { gatherInput } from '../operators/gatherInput.js';
import { handle, type Handler } from '../operators/handle.js';
import { invoke } from '../operators/invoke.js';
import { noteElicitations } from '../operators/noteElicitations.js';
import { offerTasks } from '../operators/offerTasks.js';
import { limitConcurrency } from '../operators/limitConcurrency.js';
import { limitCalls } from '../operators/limitCalls.js';
import { limitRate } from '../operators/limitRate.js';
import { limitStreams } from '../operators/limitStreams.js';
import { narrowCompletions } from '../operators/narrowCompletions.js';
import { needTenant } from '../operators/needTenant.js';
import { openState } from '../operators/openState.js';
import { relayInput } from '../operators/relayInput.js';
import { openSession } from '../operators/openSession.js';
import { redactArguments } from '../operators/redactArguments.js';
import { redactReplies } from '../operators/redactReplies.js';
import { resolveTool } from '../operators/resolveTool.js';
import { retryAcrossInstances, type Order } from '../operators/retryAcrossInstances.js';
import { validateArguments } from '../operators/validateArguments.js';
import { whileKnown } from '../operators/whileKnown.js';
import { traceAttempts } from '../operators/traceAttempts.js';
import { within, type Limits } from '../operators/within.js';
import type { Asks } from './asks.js';
import type { Bulkheads } from './bulkheads.js';
import type { Catalog } from './catalog.js';
import { chain } from './chain.js';
import type { Elicitations } from './elicitations.js';
import type {
  Authenticated,
  Authorized,
  Exchange,
  InSession,
  Pipeline,
  Redacting,
  Resolved,
  Resuming,
} from './exchange.js';
import type { Identify } from './identify.js';
import type { Latest } from './latest.js';
import type { Limiter } from './limiter.js';
import type { LiveCalls } from './liveCalls.js';
import { named } from './named.js';
import type { OpenStreams } from './openStreams.js';
import type { Judge } from './judge.js';
import { result, type Reply } from './reply.js';
import type { Concerns } from './policies.js';
import type { Peers } from './peers.js';
import type { Parking } from './parking.js';
import type { Redactions } from './redactions.js';
import type { ShownEntries } from './shownEntries.js';
import type { Service } from './service.js';
import type { StreamLimits } from './streamLimits.js';
import type { RateLimits } from './rateLimits.js';
import type { SessionStore } from './sessions.js';
import type { Subscriptions } from './subscriptions.js';
import type { SubscriptionsOfSessions } from './subscriptionsOfSessions.js';
import type { Tracing } from './tracing.js';
import { taskOffer, taskRoutes, type TaskFeeds } from './taskPipeline.js';

/** What the operators need to know; each is read at the moment a call passes. */
export interface Feeds {
  readonly catalog: Latest<Catalog>;
  /** Emits when other calls may be allowed than before. */
  readonly policies$: Observable<Concerns>;
  readonly sessions: SessionStore;
  readonly calls: LiveCalls;
  /** The calls under way to servers that take only so many. */
  readonly bulkheads: Bulkheads;
  /** Counts what is limited by rate or quota. */
  readonly limiter: Limiter;
  /** What clients have been asked and not yet answered. */
  readonly asks: Asks;
  /** Who else may have begun what a client speaks of; undefined for an instance that is alone. */
  readonly peers: Peers | undefined;
  /** The SSE streams that a client can come back for. */
  readonly streams: OpenStreams;
  /** The resources that clients watch, and which of them for which session. */
  readonly subscriptions: Subscriptions;
  readonly ofSessions: SubscriptionsOfSessions;
  /** What sessions were asked for by URL, until it is done. */
  readonly elicitations: Elicitations;
  /** Completes when the catalogue is as fresh as it can be now. */
  readonly refresh: () => Observable<never>;
  readonly tasks: TaskFeeds;
  /** What the policies say of calls, and of what lists show. */
  readonly judge: Judge;
  readonly shown: ShownEntries;
}

export interface PipelineOptions {
  readonly identify: Identify;
  readonly admission: () => Admission | undefined;
  readonly cursors: Cursors;
  readonly serverInfo: Implementation;
  readonly pageSize: number;
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
  /** Undefined where no traces are wanted. */
  readonly tracing: Tracing | undefined;
  /** Whether the gateway is shutting down and takes nothing new. */
  readonly isRefusing: () => boolean;
  /** Completes when what has to be recorded of a call finds room, or errors; undefined while it does. */
  readonly room: () => Observable<never> | undefined;
  /** The id of this instance among those that share its sessions. */
  readonly home: string;
  readonly now: () => number;
  /** How often an open standalone stream prolongs its session, in milliseconds. */
  readonly touchMs: number;
  /** Bounds and pace of what clients are told of changes. */
  readonly listening: Omit<
    ListenOptions,
    'catalog' | 'policies$' | 'subscriptions' | 'judgeWatch' | 'admission' | 'calls' | 'tasks'
  >;
}

type Entered = Exchange & Authenticated & InSession;
/** A call that has passed all checks. */
type Checked = Entered & Resolved & Authorized & Redacting & Resuming;

/** A call that one server answers. */
export const callPipeline = (
  { catalog, refresh, tasks, elicitations, bulkheads, judge, limiter }: Feeds,
  { order, limitsOf, streamLimits, seal, parking, rates, redactions, admission, tracing }: PipelineOptions,
): OperatorFunction<Entered, Reply> => {
  // Innermost: only sending is repeated, nothing above it is.
  const attempts = named(
    'retryAcrossInstances',
    retryAcrossInstances(order, named('invoke', traceAttempts(invoke(), tracing))),
  );
  // Around all attempts: a call that is tried again keeps its place.
  const placed = named('limitConcurrency', limitConcurrency(attempts, bulkheads));
  // Beneath relayInput: a call that waits for its client's answer is still one of its server's.
  const counted = named('limitServer', limitStreams(placed, [streamLimits.ofServer]), 'quick');
  // Beneath relayInput, which takes the ids off for clients that know none.
  const send = narrowCompletions(noteElicitations(counted, elicitations), catalog);
  return chain(
    named('resolveTool', resolveTool(catalog, refresh)), // first: what follows depends on the tool and its server
    named('enterServer', enterServer(admission), 'quick'), // beneath resolveTool, which knows the server; above all that tells of the tool
    named('limitCalls', limitCalls(rates, limiter)), // beneath resolveTool: limits of the tool and its server; above all that costs
    named('confirmHeaders', confirmHeaders(), 'quick'), // beneath resolveTool, which knows the schema that says which headers there are
    named('validateArguments', validateArguments()), // beneath resolveTool, which knows the schema; above all that spends anything upstream
    named('authorize', authorize(judge, rates, limiter, admission)), // beneath validateArguments: policies may rely on well-formed arguments; above all that spends anything upstream
    named('redactArguments', redactArguments(redactions)), // beneath authorize: policies see what was sent, and may want more masked; above all that leaves
    named('openState', openState(seal), 'quick'), // beneath resolveTool: a state is bound to its tool; above all that spends anything upstream
    offerTasks<Checked>(
      // beneath all checks: what they refuse never becomes a task
      redactReplies<Checked>(
        // outermost: nothing leaves, and no task is kept, with what is redacted
        addressReplies(
          // nearest to the client: its token may change from round to round
          within(
            // one deadline for all attempts and rounds together
            relayInput(send, { seal, parking }), // above send: each round is a call of its own, and may be retried
            limitsOf,
          ),
        ),
      ),
      redactReplies<Checked>(
        within(gatherInput(send), (exchange) => taskLimits(limitsOf(exchange), exchange, tasks.ttlMs)),
      ),
      taskOffer(tasks),
    ),
  );
};

/** Nobody waits for a task: it may be silent until its end, unless the configuration says otherwise for this very tool. */
const taskLimits = (limits: Limits, { target }: Exchange & Resolved, ttlMs: number): Limits => ({
  firstByteMs: target.rule?.times?.firstByteMs ?? target.rule?.timeoutMs ?? ttlMs,
  idleMs: target.rule?.timeoutMs ?? ttlMs,
  askMs: ttlMs,
  totalMs: target.rule?.times?.totalMs ?? Math.max(limits.totalMs, ttlMs),
});

/** Every message a client sends. */
export const gatewayPipeline = (feeds: Feeds, options: PipelineOptions): Pipeline => {
  const { catalog, policies$, sessions, calls, asks, peers, streams, judge, shown } = feeds;
  const { subscriptions, ofSessions, elicitations, refresh, tasks } = feeds;
  const {
    cursors,
    serverInfo,
    pageSize,
    home,
    now,
    isRefusing,
    room,
    touchMs,
    streamLimits,
    listening,
    identify,
    admission,
  } = options;
  const { everyMs } = listening;
  const self = selfDescription(catalog);
  const standalone = standaloneStream({
    catalog,
    policies$,
    calls,
    sessions,
    ofSessions,
    elicitations,
    touchMs,
    everyMs,
  });
  const call = challengeStrangers(callPipeline(feeds, options), admission); // around resolveTool, which knows what is there
  const aboutTasks = taskRoutes(tasks, { ...options, catalog, elicitations });
  const watched = { subscriptions, judgeWatch: judgeWatch(judge, catalog, options.redactions), admission };
  const listing = { catalog, refresh, shown, cursors, pageSize };
  return chain(
    named('admit', admit(isRefusing, room), 'quick'), // first: what is shutting down begins nothing, for nobody
    named('authenticate', authenticate(identify)), // above all that costs: nothing is spent on strangers
    named('needTenant', needTenant(catalog), 'quick'), // beneath authenticate, which knows the tenant; above all that tells of anything
    named('openSession', openSession(sessions)), // beneath authenticate: a session belongs to a principal
    named('checkShape', checkShape(ownMethods), 'quick'), // beneath openSession: a dead session is told so (404) whatever the message looks like
    named('limitRate', limitRate(options.rates, feeds.limiter)), // above byMethod: also what does not exist costs
    limitStreams(
      // beneath openSession: what is counted is a client's or a session's; around all that may last
      byMethod<Entered>({
        'tools/call': call,
        'prompts/get': call,
        'resources/read': call,
        'completion/complete': call,
        ...Object.fromEntries(listMethods.map((method) => [method, own(list(method, listing))])),
        ...aboutTasks.routes,
        initialize: own(initialize({ sessions, self, serverInfo, home, now })),
        'server/discover': own(discover(self)),
        ping: own(() => result({})),
        'logging/setLevel': own(setLogLevel(sessions)),
        'resources/subscribe': own(
          subscribe({ sessions, ...watched, ofSessions, refresh, limit: streamLimits.watchedOfClient }),
        ),
        'resources/unsubscribe': own(unsubscribe(sessions, ofSessions)),
        [listenMethod]: limitStreams(
          // around the handler: what it watches is given back when the stream ends
          whileKnown(
            own(listen({ catalog, policies$, ...watched, calls, tasks: aboutTasks.watch, ...listening })),
            identify,
          ),
          [streamLimits.watchedOfClient],
        ),
        'notifications/cancelled': own(cancelled(calls, peers)),
        [internalMethods.response]: own(clientResponse(asks, peers)),
        [internalMethods.stream]: whileKnown(own(standalone), identify),
        [internalMethods.resume]: whileKnown(own(resumeStream(streams, calls, standalone)), identify),
        [internalMethods.end]: own(endSession(sessions, calls)),
      }),
      [streamLimits.ofClient, streamLimits.ofSession],
    ),
  );
};

/** What the gateway answers itself is one stage, whatever the method. */
const own = (handler: Handler): Service<Entered, Reply> => named('handle', handle(handler));

const ownMethods: ReadonlySet<string> = new Set(Object.values(internalMethods));
