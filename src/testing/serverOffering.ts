import type { McpServerSettings, ServerSettings } from '../config/settings.js';
import type { Offer } from '../streams/backend.js';
import type { Instance, ServerState } from '../streams/serverState.js';
import { fakeBackend, offerOf } from './fakeBackend.js';
import { steadyInstances } from './steadyInstances.js';

/** Settings of an MCP server of that name, prefixed with it. */
export const serverSettings = (name: string, parts: Partial<McpServerSettings> = {}): ServerSettings => ({
  type: 'mcp',
  protocol: 'auto',
  urls: ['http://backend.test'],
  strategy: 'failover',
  headers: {},
  name,
  prefix: name,
  timeoutMs: 1000,
  listTimeoutMs: 100,
  exclude: [],
  ...parts,
});

/** A server of the catalogue that has offered this. */
export const serverOffering = (
  name: string,
  offer: Partial<Offer> | undefined,
  parts: Partial<McpServerSettings> = {},
  instances: readonly Instance[] = [{ id: `${name}#1`, backend: fakeBackend() }],
): ServerState => ({
  settings: serverSettings(name, parts),
  instances: steadyInstances(instances, name),
  offer: offer && offerOf(offer),
  stale: undefined,
});
