import { Gauge, type Registry } from 'prom-client';
import type { Bulkheads } from '../../streams/bulkheads.js';
import type { Catalog } from '../../streams/catalog.js';
import type { Latest } from '../../streams/latest.js';

/** How many calls are under way to servers that take only so many, and how many wait; read when somebody asks. */
export const crowdMetrics = (registry: Registry, catalog: Latest<Catalog>, bulkheads: Bulkheads): void => {
  const gauge = (name: string, help: string, read: (server: string) => number): void => {
    new Gauge({
      name,
      help,
      labelNames: ['server'],
      registers: [registry],
      collect() {
        this.reset();
        for (const { settings } of catalog.current.servers)
          if (settings.concurrency !== undefined) this.set({ server: settings.name }, read(settings.name));
      },
    });
  };
  gauge(
    'mcp_server_concurrent_calls',
    'Calls that hold one of the places of the server (concurrency.max).',
    (server) => bulkheads.crowd(server).inFlight,
  );
  gauge(
    'mcp_server_queued_calls',
    'Calls that wait for a place (concurrency.queue).',
    (server) => bulkheads.crowd(server).queued,
  );
};
