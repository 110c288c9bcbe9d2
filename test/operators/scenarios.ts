/** What every operator's tests share: calls with the facts of the stages before, and a catalogue to resolve them in. */
import { EMPTY } from 'rxjs';
import { argumentCheck } from '../../src/protocol/argumentCheck.js';
import type { ToolDefinition } from '../../src/protocol/mcp.js';
import { applyEvent, emptyCatalog, type Catalog } from '../../src/streams/catalog.js';
import type { Instance, ServerState } from '../../src/streams/serverState.js';
import type {
  Authenticated,
  Exchange,
  InSession,
  Placed,
  Resolved,
  Target,
} from '../../src/streams/exchange.js';
import { knownPrincipal } from '../../src/streams/knownPrincipal.js';
import type { Session } from '../../src/streams/sessions.js';
import { call, type CallOptions } from '../../src/testing/call.js';
import { fakeBackend } from '../../src/testing/fakeBackend.js';
import { serverOffering } from '../../src/testing/serverOffering.js';

export const ann = knownPrincipal({ id: 'ann' });

/** A session of Ann's. */
export const sessionOf = (parts: Partial<Session> = {}): Session => ({
  id: 's1',
  principalId: 'ann',
  namespace: undefined,
  version: '2025-11-25',
  batches: false,
  clientInfo: undefined,
  capabilities: {},
  logLevel: 'info',
  home: 'here',
  createdAt: 0,
  ...parts,
});

/** A call of Ann's. */
export const annsCall = (method: string, options: CallOptions = {}): Exchange & Authenticated => ({
  ...call(method, options),
  principal: ann,
});

/** A call of Ann's in her session, or in none. */
export const enteredCall = (
  method: string,
  options: CallOptions = {},
  session?: Session,
): Exchange & Authenticated & InSession => ({ ...annsCall(method, options), session });

export const tool = (name: string, more: Partial<ToolDefinition> = {}): ToolDefinition => ({
  name,
  inputSchema: { type: 'object' },
  ...more,
});

/** A target as `resolveTool` gives it. */
export const targetOf = (parts: Partial<Target> = {}, definition = tool('get')): Target => ({
  server: serverOffering('orders', { tools: [definition] }),
  method: 'tools/call',
  params: { name: definition.name },
  tool: definition,
  validate: argumentCheck(definition),
  repeatable: false,
  timeoutMs: 1000,
  times: undefined,
  rule: undefined,
  offeredAsTask: false,
  tasks: undefined,
  preferred: undefined,
  ...parts,
});

export const resolvedCall = (
  parts: Partial<Target> = {},
  options: CallOptions = {},
  session?: Session,
): Exchange & Authenticated & InSession & Resolved => ({
  ...enteredCall('tools/call', options, session),
  target: targetOf(parts),
});

export const placedCall = (
  instance: Instance,
  parts: Partial<Target> = {},
  options: CallOptions = {},
  session?: Session,
): Exchange & Authenticated & InSession & Resolved & Placed => ({
  ...resolvedCall(parts, options, session),
  instance,
});

export const instanceOf = (id: string, backend = fakeBackend()): Instance => ({ id, backend });

/** A catalogue in which these servers have offered what they have. */
export const catalogOf = (...servers: readonly ServerState[]): Catalog => {
  const configured = applyEvent(emptyCatalog, {
    kind: 'configured',
    servers,
    settings: {
      naming: { separator: '_' },
      blockedTools: [],
      namespaces: [{ name: 'team', servers: ['orders'], denied: [], prefixed: false }],
    } as never,
  });
  return servers.reduce(
    (catalog, server) =>
      server.offer === undefined
        ? catalog
        : applyEvent(catalog, { kind: 'offered', server, offer: server.offer }),
    configured,
  );
};

export const noRefresh = () => EMPTY;
