import { Gauge, type Registry } from 'prom-client';
import type { Catalog } from '../../streams/catalog.js';
import type { Latest } from '../../streams/latest.js';

/** What is held back of what servers offer, and what is suspicious; read from the catalogue when somebody asks. */
export const integrityMetrics = (registry: Registry, catalog: Latest<Catalog>): void => {
  const registers = [registry];
  new Gauge({
    name: 'mcp_gateway_held_definitions',
    help: 'Tools, prompts and resource templates that are held back until somebody approves them, by server and reason.',
    labelNames: ['server', 'reason'],
    // Each worker has all of them.
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      for (const { settings, offer } of catalog.current.servers)
        for (const { why } of offer?.held ?? []) this.inc({ server: settings.name, reason: why });
    },
  });
  new Gauge({
    name: 'mcp_gateway_suspicious_definitions',
    help: 'Tools, prompts and resource templates with hidden characters or instructions to the model, by server.',
    labelNames: ['server'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      for (const { settings, offer } of catalog.current.servers) {
        const names = new Set((offer?.suspects ?? []).map(({ kind, name }) => `${kind} ${name}`));
        if (names.size > 0) this.set({ server: settings.name }, names.size);
      }
    },
  });
};
