import { finalize, lastValueFrom, scan, Subscription } from 'rxjs';
import { limits } from './config/limits.js';
import { gatewayConsole } from './gateway/admin/gatewayConsole.js';
import { analyticsOf } from './gateway/analyticsOf.js';
import { answersOf } from './gateway/answersOf.js';
import { askingIn } from './gateway/askingIn.js';
import { assembling } from './gateway/assembling.js';
import { auditing } from './gateway/auditing.js';
import { channelSources } from './gateway/channelSources.js';
import { configuredBy, type Configuration } from './gateway/configuredBy.js';
import { describeResources } from './gateway/describeResources.js';
import { discovering } from './gateway/discovering.js';
import { endedCalls } from './gateway/endedCalls.js';
import { explaining } from './gateway/explain/explaining.js';
import { endWithSessions } from './gateway/endWithSessions.js';
import { elicitationsOf } from './gateway/elicitationsOf.js';
import { endpointOf } from './gateway/endpointOf.js';
import { followingSeal } from './gateway/followingSeal.js';
import type { Gateway } from './gateway/gateway.js';
import type { GatewayOptions } from './gateway/gatewayOptions.js';
import { authorizingOf } from './gateway/authorizingOf.js';
import { health, type Health } from './gateway/health.js';
import { hosting } from './gateway/hosting.js';
import { httpOptions } from './gateway/httpOptions.js';
import { httpServer, listen } from './gateway/httpServer.js';
import { identifying } from './gateway/identifying.js';
import { integrityOf } from './gateway/integrityOf.js';
import { instanceStates } from './gateway/instanceStates.js';
import { judgingOf } from './gateway/judgingOf.js';
import { leave } from './gateway/leave.js';
import { metrics } from './gateway/metrics.js';
import { orderOf } from './gateway/orderOf.js';
import { outletsOf } from './gateway/outletsOf.js';
import { once } from './gateway/once.js';
import { ownVersion } from './gateway/ownVersion.js';
import { paces } from './gateway/paces.js';
import { parkingOf } from './gateway/parkingOf.js';
import { perSettings } from './gateway/perSettings.js';
import { pipelinesOf } from './gateway/pipelinesOf.js';
import { recording } from './gateway/recording.js';
import { recordingTraffic } from './gateway/recordingTraffic.js';
import { refusedCertificates } from './gateway/refusedCertificates.js';
import { relaying } from './gateway/relaying.js';
import { renewCertificates } from './gateway/renewCertificates.js';
import { revocationLists } from './gateway/revocationLists.js';
import { rosterOf } from './gateway/rosterOf.js';
import { settledWithin } from './gateway/settledWithin.js';
import { stateKeys } from './gateway/stateKeys.js';
import { storesOf } from './gateway/stores.js';
import { taskKeeping } from './gateway/taskKeeping.js';
import { telemetry } from './gateway/telemetry.js';
import { tickMs } from './gateway/tickMs.js';
import { tlsOptions } from './gateway/tlsOptions.js';
import { warnOfRestart } from './gateway/warnOfRestart.js';
import { warnOfShared } from './gateway/warnOfShared.js';
import type { Implementation } from './protocol/mcp.js';
import { Heartbeat } from './sinks/heartbeat.js';
import { fromHttp } from './sources/http/fromHttp.js';
import { Asks } from './streams/asks.js';
import { Bulkheads } from './streams/bulkheads.js';
import { ByteBudget } from './streams/byteBudget.js';
import { applyEvent, emptyCatalog } from './streams/catalog.js';
import { drain } from './streams/drain.js';
import { judgeOffers } from './streams/judgeOffers.js';
import { latest } from './streams/latest.js';
import { silent } from './streams/log.js';
import { LiveCalls } from './streams/liveCalls.js';
import { OpenStreams } from './streams/openStreams.js';
import { serveEach } from './streams/serveEach.js';
import { Subscriptions } from './streams/subscriptions.js';
import { SubscriptionsOfSessions } from './streams/subscriptionsOfSessions.js';

/**
 * Wires the feeds to the pipeline and the pipeline to the listeners.
 *
 * Changed settings take effect with the next exchange, but for the addresses listened on, the bounds of the HTTP servers and
 * those of the session store, which hold until the gateway is started anew.
 *
 * @param config as an object of the shape of the file, the path of a file, which is followed, or a stream of settings with its newest value at hand
 * @throws ConfigError with all that is wrong with it; PipelineError for a pipeline in `given` that can not be used
 */
export const createGateway = (config: Configuration, given: Partial<GatewayOptions> = {}): Gateway => {
  const options = { log: silent, version: ownVersion, ...given };
  const { log, version } = options;
  const configured = configuredBy(config, log);
  const { settings, ...discovery } = discovering(configured, log);
  const serverInfo: Implementation = { name: 'sluice', version };
  const first = settings.current;
  const subscriptions = new Subscription();
  const calls = new LiveCalls();
  const bulkheads = new Bulkheads();
  const stores = (options.storesOf ?? storesOf)(first, log);
  const { sessions, events } = stores;
  const self = stores.homes?.self;
  const keys = stateKeys(settings, stores.secrets$);
  const authorizing = authorizingOf(settings, stores, keys, log, options.authorizing);
  const room = { events: limits.awayEvents, bytes: first.buffers.awayBytes };
  const streams = new OpenStreams({ events, room });
  const bodies = new ByteBudget(() => settings.current.buffers.bodiesBytes);
  const heartbeat = new Heartbeat(tickMs(first));
  let stage: 'serving' | 'draining' | 'refusing' = 'serving';
  const isDraining = (): boolean => stage !== 'serving';
  const isRefusing = (): boolean => stage === 'refusing';

  const roster = rosterOf(settings, { clientInfo: serverInfo, log, authorizing });
  const integrity = integrityOf(settings, log);
  const judged$ = roster.events$.pipe(judgeOffers(integrity));
  const catalog = latest(judged$.pipe(scan(applyEvent, emptyCatalog)), emptyCatalog);
  const watches = new Subscriptions({
    catalog,
    backoff: paces.backoff,
    maxPerServer: () => settings.current.streams.resourcesPerServer,
  });
  const ofSessions = new SubscriptionsOfSessions(watches, {
    maxPerSession: first.streams.resources,
    settleMs: paces.changes.settleMs,
  });
  const elicitations = elicitationsOf(roster.completed$, authorizing.connecting, subscriptions);
  const order = orderOf(options.strategyOf);
  const asks = new Asks(() => settings.current.streams.asks, self);
  const parking = parkingOf(settings);
  const seal = followingSeal(settings, keys);
  const kept = taskKeeping(stores.tasks, first.tasks, log);

  const judging = judgingOf(settings, log, self ?? '');
  const revocations = revocationLists(settings, log);

  const state = {
    catalog,
    policies: judging,
    calls,
    bulkheads,
    bodies,
    sessions,
    cluster: stores.cluster,
    version,
    discovery: discovery.health,
    notices: () => [...revocations.notices(), ...audit.notices()],
    isFull: () => audit.isFull(),
    isDraining,
  };
  const currentHealth = (): Health => health(state);
  const measured = metrics(state, first.telemetry.metrics);
  const told = telemetry(settings, measured, { log, version });
  const { identify, admission, ...identities } = identifying(settings, log, measured.own, stores.counters);
  const server = httpServer({ ...first.listen, ...first.http, secure: tlsOptions(first) });
  refusedCertificates(server, identities.failed, log);
  const recorded = recording({ settings, keys, sessions, gateway: self });
  const observed = { ...options, ...recorded, gateway: self, registry: measured.own };
  const audit = auditing(configured, { ...observed, policies$: judging.changes$ });
  const analytics = analyticsOf(first, observed);
  const { admin, inside, seen, ...people } = gatewayConsole(
    {
      ...{ ...state, ...recorded, settings, configured, stores, measured, identify, analytics },
      health: currentHealth,
      way: () => ({ pipelines, serving, explain }),
    },
    options,
  );

  const relay = relaying(server, {
    ...{ settings, keys, calls, sessions, log },
    homes: stores.homes,
    door: options.door,
    subscriptions: ofSessions,
  });

  const assembly = assembling(configured, options.pipeline, log);
  const parts = {
    assembly,
    measured,
    log,
    keys,
    kept,
    pace: paces.changes,
    catalog,
    sessions,
    calls,
    bulkheads,
    counters: stores.counters,
    asks,
    peers: relay.peers,
    streams,
    subscriptions: watches,
    ofSessions,
    elicitations,
    roster,
    refresh: () => roster.refresh(),
    identify: people.identify,
    admission,
    tracing: told.traced,
    answers: answersOf({ settings, stores, keys, catalog, registry: measured.own }, subscriptions),
    judge: judging.judge,
    shown: judging.shown,
    policies$: judging.concerned$,
    serverInfo,
    order,
    seal,
    parking,
    isRefusing,
    room: audit.room,
    home: self ?? '',
    now: Date.now,
  };
  const pipelines = pipelinesOf(parts);
  const explain = explaining({ parts, settings, quiet: judging.quiet });

  subscriptions.add(drain(configured.changes$, (next) => warnOfRestart(first, next, log)));
  subscriptions.add(drain(settings.changes$, (next) => roster.configure(next)));
  subscriptions.add(warnOfShared(catalog.changes$, log));
  subscriptions.add(renewCertificates(server, first, settings.changes$, log));
  subscriptions.add(endWithSessions(sessions.changes$, [calls, streams, ofSessions, elicitations, seen]));

  const outlets = outletsOf({ settings, serverInfo, heartbeat, streams, asks, isDraining });
  const channels = channelSources(server, {
    ...relay,
    settings,
    endpoint: endpointOf,
    serverInfo,
    heartbeat,
    asking: (sessionId) => askingIn(asks, sessionId),
    isRefusing,
    bodies,
    identify,
  });
  /** Connections that stay open until somebody ends them. */
  const standing = new Subscription();
  const traffic = recordingTraffic(settings, { ...observed, keys, log, serverInfo });
  const ended = endedCalls(log, measured, recorded, seen, told.traced, traffic);
  const serving = { calls, begun: traffic.begun, ended };
  /** From then on what comes to the server is served, whoever brings it there. */
  const open = once(async () => {
    await Promise.all([analytics?.opened, assembly.opened]);
    subscriptions.add(
      serveEach(
        fromHttp(
          describeResources(authorizing.connecting.pages(channels.rest, identify), settings),
          perSettings(settings, (current) => httpOptions(current, bodies)),
          outlets,
        ),
        pipelines,
        serving,
      ),
    );
    standing.add(serveEach(channels.exchanges$, pipelines, serving));
  });

  return {
    catalog,
    instances$: instanceStates(catalog),
    records$: recorded.records$,
    inside,
    analytics,
    health: currentHealth,
    metrics: measured.registry,
    counters: stores.counters,
    ...hosting({ server, open, settings }),
    async listen() {
      await open();
      const base = await listen(server, first.listen);
      const adminUrl = options.door === undefined ? await admin.listen() : '';
      await relay.enter(base);
      return { url: `${base}${first.listen.path}`, adminUrl };
    },
    async serve(pipes) {
      await assembly.opened;
      await new Promise<void>((resolve) => {
        standing.add(serveEach(channels.fromPipes(pipes).pipe(finalize(resolve)), pipelines, serving));
      });
    },
    async ready() {
      await open();
      await discovery.answered();
      await judging.answered();
      await lastValueFrom(roster.refresh(), { defaultValue: undefined });
    },
    async close() {
      stage = 'draining';
      const refuse = (): void => void (stage = 'refusing');
      const { stopped } = await leave({ server, settings: settings.current, calls, relay, refuse });
      calls.endAll();
      for (const part of [parking, kept.own, ofSessions]) part.close();
      standing.unsubscribe();
      server.closeIdleConnections();
      await settledWithin(stopped, paces.flushMs);
      server.closeAllConnections();
      subscriptions.unsubscribe();
      for (const part of [pipelines, assembly, keys, judging, discovery]) part.close();
      await roster.close(0);
      for (const part of [catalog, integrity, relay]) part.close();
      await stores.close();
      heartbeat.close();
      await Promise.all([audit.close(), told.close(), analytics?.close(), traffic.close()]);
      for (const part of [identities, revocations, configured]) part.close();
      await Promise.all([stopped, admin.close()]);
    },
  };
};
