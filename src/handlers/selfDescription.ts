import type { Capabilities } from '../protocol/mcp.js';
import type { Catalog } from '../streams/catalog.js';
import type { Authenticated, Exchange } from '../streams/exchange.js';
import type { Latest } from '../streams/latest.js';
import { viewpointOf } from '../streams/viewpointOf.js';

/** What `initialize` and `server/discover` say of an endpoint. */
export type SelfDescription = (exchange: Exchange & Authenticated) => {
  readonly capabilities: Capabilities;
  readonly instructions?: string;
};

/** Longest text of instructions that is passed on, in characters: it goes into a model's context. */
const maxInstructions = 8192;

/**
 * Describes an endpoint from the catalogue. Capabilities say what the gateway has handlers for, whatever is behind it at the
 * moment: a client asks once, servers come and go.
 */
export const selfDescription =
  (catalog: Latest<Catalog>): SelfDescription =>
  (exchange) => {
    const { revision } = exchange.origin;
    const capabilities = {
      // Told on the standalone stream (2025 era) or on a listen stream.
      tools: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      prompts: { listChanged: true },
      completions: {},
      logging: {},
      ...revision.taskCapabilities,
    };
    const instructions = (catalog.current.view(viewpointOf(exchange))?.servers ?? [])
      .flatMap(({ offer, settings }) =>
        offer?.instructions === undefined ? [] : [`${settings.name}: ${offer.instructions}`],
      )
      .join('\n\n');
    return instructions === ''
      ? { capabilities }
      : { capabilities, instructions: instructions.slice(0, maxInstructions) };
  };
