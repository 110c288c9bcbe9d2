import { Gauge, type Registry } from 'prom-client';
import type { DiscoveryHealth } from './discovering.js';

/** One of each for the feeds that servers come from; nothing where none is configured. Read when somebody asks. */
export const discoveryMetrics = (
  registry: Registry,
  discovery: (() => DiscoveryHealth | undefined) | undefined,
): void => {
  const read = (name: string, help: string, value: (now: DiscoveryHealth) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['source'],
      aggregator: 'max',
      registers: [registry],
      collect() {
        const now = discovery?.();
        if (now === undefined) this.reset();
        else this.set({ source: 'consul' }, value(now));
      },
    });
  };
  read(
    'mcp_gateway_discovery_up',
    '1 while the feed of servers works; 0 while the last good picture is served, or there never was one.',
    ({ status }) => (status === 'healthy' ? 1 : 0),
  );
  read(
    'mcp_gateway_discovery_stale_seconds',
    'For how long the picture may have been out of date; 0 while the feed works.',
    ({ since }) => (since === undefined ? 0 : (Date.now() - Date.parse(since)) / 1000),
  );
  read('mcp_gateway_discovery_services', 'Services that are offered.', ({ services }) => services);
  read('mcp_gateway_discovery_watches', 'Questions held open at the source.', ({ watches }) => watches);
  read(
    'mcp_gateway_discovery_notices',
    'Services that are left out, as a whole or in part, or that ask for what is not done.',
    ({ notices = {} }) => Object.keys(notices).length,
  );
};
