import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { crowdMetrics } from '../sinks/metrics/crowdMetrics.js';
import { serverMetrics } from '../sinks/metrics/serverMetrics.js';
import { toMetrics } from '../sinks/metrics/toMetrics.js';
import type { Exchange } from '../streams/exchange.js';
import type { HealthSources } from './health.js';

/** What a gateway counts and measures. */
export interface Metrics {
  /** Told of every exchange that has ended. */
  readonly ended: (exchange: Exchange) => void;
  /** Everything of this gateway, and with the first reading of it everything of this process. */
  registry(): Registry;
}

/** Makes the metrics of one gateway. What is not counted is read from its feeds when somebody asks. */
export const metrics = (sources: HealthSources): Metrics => {
  const own = new Registry();
  const ended = toMetrics(own);
  serverMetrics(own, sources.catalog);
  crowdMetrics(own, sources.catalog, sources.bulkheads);
  gatewayMetrics(own, sources);
  let all: Registry | undefined;
  return { ended, registry: () => (all ??= Registry.merge([own, ofProcess()])) };
};

const gatewayMetrics = (registry: Registry, { calls, sessions, version, discovery }: HealthSources): void => {
  const registers = [registry];
  new Gauge({
    name: 'mcp_gateway_info',
    help: 'Always 1; the version is in the label.',
    labelNames: ['version'],
    aggregator: 'first',
    registers,
  }).set({ version }, 1);
  const read = (name: string, help: string, value: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  };
  read('mcp_gateway_calls_in_flight', 'Requests that are being worked on.', () => calls.pending);
  read('mcp_gateway_streams', 'Streams that stand open for what changes.', () => calls.size - calls.pending);
  read('mcp_gateway_sessions', 'Sessions of 2025-era clients.', () => sessions.size);

  /** One of the feeds that servers come from; nothing where none is configured. */
  const ofDiscovery = (name: string, help: string, value: (now: NonNullable<Discovered>) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['source'],
      aggregator: 'max',
      registers,
      collect() {
        const now = discovery?.();
        if (now === undefined) this.reset();
        else this.set({ source: 'consul' }, value(now));
      },
    });
  };
  ofDiscovery(
    'mcp_gateway_discovery_up',
    '1 while the feed of servers works; 0 while the last good picture is served, or there never was one.',
    ({ status }) => (status === 'healthy' ? 1 : 0),
  );
  ofDiscovery(
    'mcp_gateway_discovery_stale_seconds',
    'For how long the picture may have been out of date; 0 while the feed works.',
    ({ since }) => (since === undefined ? 0 : (Date.now() - Date.parse(since)) / 1000),
  );
  ofDiscovery('mcp_gateway_discovery_services', 'Services that are offered.', ({ services }) => services);
  ofDiscovery(
    'mcp_gateway_discovery_watches',
    'Questions held open at the source.',
    ({ watches }) => watches,
  );
};

type Discovered = ReturnType<NonNullable<HealthSources['discovery']>>;

let shared: Registry | undefined;
/** Memory, event loop, garbage collection. Watched from the first reading on, once for all gateways of a process. */
const ofProcess = (): Registry => {
  if (shared === undefined) collectDefaultMetrics({ register: (shared = new Registry()) });
  return shared;
};
