import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counter, Gauge, Registry } from 'prom-client';
import { Subscription, type Observable } from 'rxjs';
import type { Diagnostic } from '../../config/configError.js';
import type { Settings } from '../../config/settings.js';
import type { CallRecord } from '../../protocol/audit/callRecord.js';
import { WorkerBook } from '../../stores/workers/workerBook.js';
import { drain } from '../../streams/drain.js';
import type { Latest } from '../../streams/latest.js';
import type { Log } from '../../streams/log.js';
import { adminSide } from '../admin/adminSide.js';
import { analyticsOf } from '../analyticsOf.js';
import { advertised } from '../advertised.js';
import type { Analytics } from '../../sinks/analytics/analytics.js';
import { discovering } from '../discovering.js';
import { discoveryMetrics } from '../discoveryMetrics.js';
import type { PlaceOf } from '../explain/located.js';
import type { Health } from '../health.js';
import { baseUrl } from '../httpServer.js';
import { perSettings } from '../perSettings.js';
import { processMetrics } from '../processMetrics.js';
import { storeBounds } from '../storeBounds.js';
import { warnOfRestart } from '../warnOfRestart.js';
import { Crew } from './crew.js';
import { crewHealth } from './crewHealth.js';
import { crewInsiders } from './crewInsiders.js';
import { CrewMetrics } from './crewMetrics.js';
import { crewRecords } from './crewRecords.js';
import type { CrewWorker, WorkerProcess } from './crewWorker.js';
import { heldSettings } from './heldSettings.js';
import type { Announced } from './announced.js';
import type { MetricJson } from './messages.js';
import { packed } from './packed.js';
import { shareOf } from './shareOf.js';

export interface PrimaryOptions {
  readonly log: Log;
  /** The version it says it has. */
  readonly version: string;
  /** Finds lines in the file of the configuration. */
  readonly placeOf?: PlaceOf;
  /** Starts the process of a worker. */
  readonly fork: () => WorkerProcess;
  /** A key to the console for this run, good while the configuration has no way in. */
  readonly runKey?: string | undefined;
  /** What is wrong with a configuration, for the console. */
  readonly checkConfiguration?: ((text: string) => readonly Diagnostic[]) | undefined;
}

/** The first process of a gateway that has several: it serves nobody, and keeps those that do. */
export interface Primary {
  /** Starts the admin listener and the workers. Rejects with a `ListenError` or a `CrewError`. */
  listen(): Promise<{ readonly url: string; readonly adminUrl: string }>;
  /** Resolves when discovery and every worker is ready. */
  ready(): Promise<void>;
  /** As a gateway's own: the records of all workers. */
  readonly records$: Observable<CallRecord>;
  readonly analytics: Analytics | undefined;
  /** Has one of the workers, which know what there is, say on the terminal that all are ready. */
  announce(urls: Announced): void;
  /** Lets the workers drain, and ends. */
  close(): Promise<void>;
}

/** What workers have beyond `drain_timeout` to end what they hold, in milliseconds. */
const endingMs = 5000;

/**
 * Keeps the workers and what they share: one book of sessions, events and tasks, one configuration, one discovery, one key, one admin
 * listener.
 *
 * @param configured the configuration, as a stream with its newest value at hand
 */
export const createPrimary = (
  configured: Latest<Settings>,
  { log, version, fork, ...ofConsole }: PrimaryOptions,
): Primary => {
  const first = configured.current;
  const { settings, ...discovery } = discovering(configured, log);
  const bounds = storeBounds(first);
  const book = new WorkerBook(bounds);
  const key = randomBytes(32);
  // 0700: nobody else reaches the workers' sockets.
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  const inCluster = first.sessions.hazelcast !== undefined;
  const forWorkers = perSettings(settings, (current) => {
    // What was discovered is among the servers.
    const { consul: _consul, ...rest } = heldSettings(first, current);
    return packed.pack(shareOf(rest, first.workers));
  });
  const summed = new CrewMetrics<CrewWorker>();
  const crew = new Crew({
    size: first.workers,
    fork,
    version,
    log,
    beginning: ({ number, instance }) => ({
      settings: forWorkers.current,
      key,
      ...(!inCluster && { socket: join(folder, `${number}-${instance}`) }),
    }),
    joined: (worker) => book.join(worker.instance, (store) => worker.tell({ store })),
    parted: (worker) => {
      book.part(worker.instance);
      summed.part(worker);
    },
    asked: ({ instance }, question) => book.take(instance, question),
    recorded: (batch) => recorded.take(batch),
  });
  const subscriptions = new Subscription();
  subscriptions.add(drain(configured.changes$, (next) => warnOfRestart(first, next, log)));
  subscriptions.add(drain(settings.changes$, () => crew.configure(forWorkers.current)));
  let draining = false;

  const health = async (): Promise<Health> => {
    const reports = await crew.report('health');
    return crewHealth({
      reports: [...reports.values()],
      workers: {
        wanted: first.workers,
        ready: crew.live.filter((worker) => worker.state === 'ready' && reports.has(worker)).length,
        replaced: crew.replaced,
        crash_loop: crew.isLoop,
        each: crew.live.map((worker) => {
          const report = reports.get(worker);
          const isSilent = report === undefined && worker.state !== 'starting';
          return {
            worker: worker.number,
            pid: worker.pid,
            status: isSilent ? 'silent' : worker.state,
            ...(report !== undefined && { calls: report.calls, streams: report.streams }),
          };
        }),
      },
      sessions: inCluster ? undefined : book.size,
      version,
      isDraining: draining,
      discovery: discovery.health(),
    });
  };
  const own = ownMetrics(crew, book);
  const recorded = crewRecords({ want: (isWanted) => crew.wantRecords(isWanted), registry: own, log });
  const analytics = analyticsOf(first, { ...recorded, log, registry: own });
  discoveryMetrics(own, discovery.health);
  const metrics = async (): Promise<Registry> => {
    const reports = await crew.report('metrics');
    return summed.sum(
      reports,
      (await Registry.merge([own, processMetrics()]).getMetricsAsJSON()) as unknown as MetricJson[],
    );
  };
  const admin = adminSide(settings, {
    log,
    version,
    ...ofConsole,
    health: inTurn(health),
    metrics: inTurn(metrics),
    configured,
    insiders: crewInsiders(crew),
    records$: recorded.records$,
    analytics,
  });
  /** However this process ends, it takes them along. */
  const goneWithUs = (): void => {
    crew.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', goneWithUs);

  return {
    async listen() {
      // What each worker would find out for itself.
      const { host, port, tls } = first.listen;
      if (inCluster) advertised(baseUrl(host, port, tls !== undefined), first.cluster.advertise);
      await analytics?.opened;
      const adminUrl = await admin.listen();
      const url = await crew.start();
      return { url: `${url}${first.listen.path}`, adminUrl };
    },
    async ready() {
      await discovery.answered();
      await crew.ready();
    },
    records$: recorded.records$,
    analytics,
    announce: (urls) => crew.live.find(({ state }) => state === 'ready')?.tell({ announce: urls }),
    async close() {
      draining = true;
      await crew.stop(settings.current.drainTimeoutMs + endingMs);
      await analytics?.close();
      subscriptions.unsubscribe();
      discovery.close();
      book.close();
      await admin.close();
      process.off('exit', goneWithUs);
      goneWithUs();
    },
  };
};

/** Whoever asks while an answer is being gathered gets that one. */
const inTurn = <T>(gather: () => Promise<T>): (() => Promise<T>) => {
  let underWay: Promise<T> | undefined;
  return () =>
    (underWay ??= gather().finally(() => {
      underWay = undefined;
    }));
};

const ownMetrics = (crew: Crew, book: WorkerBook): Registry => {
  const registry = new Registry();
  const registers = [registry];
  new Gauge({
    name: 'mcp_gateway_sessions',
    help: 'Sessions of 2025-era clients.',
    aggregator: 'max',
    registers,
    collect() {
      this.set(book.size);
    },
  });
  new Gauge({
    name: 'mcp_gateway_workers',
    help: 'Worker processes, by what they are at.',
    labelNames: ['state'],
    registers,
    collect() {
      this.reset();
      for (const state of ['starting', 'listening', 'ready', 'leaving'])
        this.set({ state }, crew.live.filter((worker) => worker.state === state).length);
    },
  });
  new Counter({
    name: 'mcp_gateway_workers_replaced_total',
    help: 'Worker processes that have ended and were replaced.',
    registers,
    collect() {
      this.reset();
      this.inc(crew.replaced);
    },
  });
  return registry;
};
