import { Counter, Gauge, type Registry } from 'prom-client';
import type { Catalog } from '../../streams/catalog.js';
import type { Latest } from '../../streams/latest.js';
import { isDown } from '../../streams/balancing/isDown.js';
import type { BreakerState } from '../../streams/balancing/breaker.js';
import type { Instance, ServerState } from '../../streams/serverState.js';

const breakerStates: readonly BreakerState[] = ['closed', 'open', 'half-open'];

/**
 * Servers and their instances as metrics, read from the catalogue and the standings when somebody asks: nothing is done for a call.
 *
 * Instances are named by their ids, which hold no address.
 */
export const serverMetrics = (registry: Registry, catalog: Latest<Catalog>): void => {
  const registers = [registry];
  const labelNames = ['server', 'instance'];
  const each = (take: (instance: Instance, server: ServerState, labels: Labels) => void): void => {
    for (const server of catalog.current.servers)
      for (const instance of server.instances.current)
        take(instance, server, { server: server.settings.name, instance: instance.id });
  };

  new Gauge({
    name: 'mcp_server_up',
    help: '1 while the instance answers its pings; where none are sent, while calls reach it and the server answers when it is asked what it offers.',
    labelNames,
    aggregator: 'min',
    registers,
    collect() {
      this.reset();
      each((instance, server, labels) => this.set(labels, isUp(instance, server) ? 1 : 0));
      // One without any instance is not to vanish from where it is looked for.
      for (const { settings, instances } of catalog.current.servers)
        if (instances.current.length === 0) this.set({ server: settings.name }, 0);
    },
  });
  new Gauge({
    name: 'mcp_server_latency_seconds',
    help: 'How long the last answered ping took (of="ping"), and the smoothed time to the first reply of a call (of="call").',
    labelNames: [...labelNames, 'of'],
    aggregator: 'average',
    registers,
    collect() {
      this.reset();
      each(({ standing }, _server, labels) => {
        const { health, latencyMs } = standing?.view ?? {};
        if (health?.latencyMs !== undefined) this.set({ ...labels, of: 'ping' }, health.latencyMs / 1000);
        if (latencyMs !== undefined) this.set({ ...labels, of: 'call' }, latencyMs / 1000);
      });
    },
  });
  new Gauge({
    name: 'mcp_gateway_circuit_state',
    help: '1 for the state that the circuit breaker of the instance is in, 0 for the others.',
    labelNames: [...labelNames, 'state'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      each(({ standing }, _server, labels) => {
        if (standing === undefined) return;
        const { breaker } = standing.view;
        for (const state of breakerStates) this.set({ ...labels, state }, state === breaker ? 1 : 0);
      });
    },
  });
  new Counter({
    name: 'mcp_gateway_circuit_opened_total',
    help: 'How often the circuit breaker of the instance has opened: because calls failed, or because they were far slower than elsewhere.',
    labelNames: [...labelNames, 'cause'],
    registers,
    collect() {
      this.reset();
      each(({ standing }, _server, labels) => {
        if (standing === undefined) return;
        const { failures, slowness } = standing.view.opened;
        this.inc({ ...labels, cause: 'failures' }, failures);
        this.inc({ ...labels, cause: 'slowness' }, slowness);
      });
    },
  });
  new Gauge({
    name: 'mcp_server_calls_in_flight',
    help: 'Calls under way at the instance; for servers with several.',
    labelNames,
    registers,
    collect() {
      this.reset();
      each(({ standing }, _server, labels) => {
        if (standing !== undefined) this.set(labels, standing.outstanding);
      });
    },
  });
  new Gauge({
    name: 'mcp_server_instances',
    help: 'Instances of the server that are known.',
    labelNames: ['server'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      for (const { settings, instances } of catalog.current.servers)
        this.set({ server: settings.name }, instances.current.length);
    },
  });
  new Gauge({
    name: 'mcp_server_addresses_stale_seconds',
    help: 'For how long DNS has not given an address; 0 while it does. For servers whose addresses are looked up.',
    labelNames: ['server'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      for (const { settings, instances } of catalog.current.servers)
        if ('dns' in settings)
          this.set(
            { server: settings.name },
            instances.stale === undefined ? 0 : (Date.now() - instances.stale.since) / 1000,
          );
    },
  });
  new Gauge({
    name: 'mcp_server_tools',
    help: 'Tools that the server offered last.',
    labelNames: ['server'],
    aggregator: 'max',
    registers,
    collect() {
      this.reset();
      for (const { settings, offer } of catalog.current.servers)
        this.set({ server: settings.name }, offer?.tools.length ?? 0);
    },
  });
};

type Labels = Readonly<Record<'server' | 'instance', string>>;

const isUp = (instance: Instance, { offer, stale }: ServerState): boolean => {
  if (isDown(instance)) return false;
  const isPinged = (instance.standing?.view.health.status ?? 'unknown') !== 'unknown';
  return isPinged || (offer !== undefined && stale === undefined);
};
