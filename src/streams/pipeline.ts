/**
 * The gateway's dataflow, assembled in one place. Each line says why it stands where it stands.
 *
 * Built once per configuration; a call is `pipeline(of(exchange))`, subscribed in `serveEach`. The one file of this folder that
 * knows operators: it is the picture of design.md in code.
 */
import type { Observable } from 'rxjs';
import type { Cursors } from '../protocol/cursor.js';
import { internalMethods, listenMethod, listMethods } from '../protocol/methods.js';
import type { Implementation } from '../protocol/mcp.js';
import { cancelled } from '../handlers/cancelled.js';
import { clientResponse } from '../handlers/clientResponse.js';
import { discover } from '../handlers/discover.js';
import { endSession } from '../handlers/endSession.js';
import { judgeWatch } from '../handlers/judgeWatch.js';
import { initialize } from '../handlers/initialize.js';
import { listen, type ListenOptions } from '../handlers/listen.js';
import { list, type AgedLists } from '../handlers/list.js';
import { selfDescription } from '../handlers/selfDescription.js';
import { setLogLevel } from '../handlers/setLogLevel.js';
import { resumeStream } from '../handlers/resumeStream.js';
import { standaloneStream } from '../handlers/standaloneStream.js';
import { subscribe } from '../handlers/subscribe.js';
import { unsubscribe } from '../handlers/unsubscribe.js';
import { admit } from '../operators/admit.js';
import { authenticate } from '../operators/authenticate.js';
import { byMethod } from '../operators/byMethod.js';
import { checkShape } from '../operators/checkShape.js';
import { compress } from '../operators/compress.js';
import { challengeStrangers } from '../operators/challengeStrangers.js';
import { handle, type Handler } from '../operators/handle.js';
import { limitRate } from '../operators/limitRate.js';
import { limitStreams } from '../operators/limitStreams.js';
import { needTenant } from '../operators/needTenant.js';
import { openSession } from '../operators/openSession.js';
import { whileKnown } from '../operators/whileKnown.js';
import type { Asks } from './asks.js';
import { callPipeline, type CallFeeds, type CallOptions } from './callPipeline.js';
import { chain } from './chain.js';
import type { Pipeline } from './exchange.js';
import type { Identify } from './identify.js';
import type { LiveCalls } from './liveCalls.js';
import { named } from './named.js';
import type { OpenStreams } from './openStreams.js';
import { orderedStock } from './orderedStock.js';
import type { Entered, OwnPipeline, PipelineContext } from './ownPipeline.js';
import { result, type Reply } from './reply.js';
import type { Concerns } from './policies.js';
import type { Peers } from './peers.js';
import type { ShownEntries } from './shownEntries.js';
import type { Service } from './service.js';
import type { SessionStore } from './sessions.js';
import type { ToolSearch } from './toolSearch.js';
import type { Subscriptions } from './subscriptions.js';
import type { SubscriptionsOfSessions } from './subscriptionsOfSessions.js';
import { taskRoutes } from './taskPipeline.js';

/** What the operators need to know; each is read at the moment a call passes. */
export interface Feeds extends CallFeeds {
  /** Emits when other calls may be allowed than before. */
  readonly policies$: Observable<Concerns>;
  readonly sessions: SessionStore;
  readonly calls: LiveCalls;
  /** What clients have been asked and not yet answered. */
  readonly asks: Asks;
  /** Who else may have begun what a client speaks of; undefined for an instance that is alone. */
  readonly peers: Peers | undefined;
  /** The SSE streams that a client can come back for. */
  readonly streams: OpenStreams;
  /** The resources that clients watch, and which of them for which session. */
  readonly subscriptions: Subscriptions;
  readonly ofSessions: SubscriptionsOfSessions;
  /** What of lists the policies let be seen. */
  readonly shown: ShownEntries;
}

export interface PipelineOptions extends CallOptions {
  readonly identify: Identify;
  readonly cursors: Cursors;
  readonly serverInfo: Implementation;
  readonly pageSize: number;
  /** Undefined where lists are as old as servers allow. */
  readonly aged: AgedLists | undefined;
  /** Whether the gateway is shutting down and takes nothing new. */
  readonly isRefusing: () => boolean;
  /** Completes when what has to be recorded of a call finds room, or errors; undefined while it does. */
  readonly room: () => Observable<never> | undefined;
  /** The id of this instance among those that share its sessions. */
  readonly home: string;
  readonly now: () => number;
  /** How often an open standalone stream prolongs its session, in milliseconds. */
  readonly touchMs: number;
  /** Undefined where lists of tools are whole. */
  readonly search: ToolSearch | undefined;
  /** What a pipeline of one's own has in place of the default. */
  readonly custom: OwnPipeline | undefined;
  /** What that is told. */
  readonly context: PipelineContext;
  /** Bounds and pace of what clients are told of changes. */
  readonly listening: Omit<
    ListenOptions,
    'catalog' | 'policies$' | 'subscriptions' | 'judgeWatch' | 'admission' | 'calls' | 'tasks'
  >;
}

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
    aged,
    custom,
    context,
    search,
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
  const stock = callPipeline(feeds, options);
  const chosen = custom?.calls?.(orderedStock(stock), context) ?? stock.all;
  const call = challengeStrangers(chosen, admission); // around resolveTool, which knows what is there
  const aboutTasks = taskRoutes(tasks, { ...options, catalog, elicitations });
  const watched = { subscriptions, judgeWatch: judgeWatch(judge, catalog, options.redactions), admission };
  const listing = { catalog, refresh, aged, shown, cursors, pageSize, search };
  // Above resolveTool, which is to find the tool that is meant.
  const callTool =
    search === undefined ? call : named('compress', compress(call, { ...listing, search }), 'quick');
  const answers = byMethod<Entered>({
    'tools/call': callTool,
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
  });
  return chain(
    named('admit', admit(isRefusing, room), 'quick'), // first: what is shutting down begins nothing, for nobody
    named('authenticate', authenticate(identify)), // above all that costs: nothing is spent on strangers
    named('needTenant', needTenant(catalog), 'quick'), // beneath authenticate, which knows the tenant; above all that tells of anything
    named('openSession', openSession(sessions)), // beneath authenticate: a session belongs to a principal
    named('checkShape', checkShape(ownMethods), 'quick'), // beneath openSession: a dead session is told so (404) whatever the message looks like
    named('limitRate', limitRate(options.rates, feeds.limiter)), // above byMethod: also what does not exist costs
    limitStreams(
      // beneath openSession: what is counted is a client's or a session's; around all that may last
      custom?.around?.(answers, context) ?? answers, // beneath all that keeps the gateway safe for others
      [streamLimits.ofClient, streamLimits.ofSession],
    ),
  );
};

/** What the gateway answers itself is one stage, whatever the method. */
const own = (handler: Handler): Service<Entered, Reply> => named('handle', handle(handler));

const ownMethods: ReadonlySet<string> = new Set(Object.values(internalMethods));
