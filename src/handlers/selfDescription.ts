import type { Capabilities } from '../protocol/mcp.js';
import type { Revision } from '../protocol/revisions/revision.js';
import type { Catalog } from '../streams/catalog.js';
import type { Latest } from '../streams/latest.js';

/** What `initialize` and `server/discover` say of an endpoint. */
export type SelfDescription = (
  namespace: string | undefined,
  revision: Revision,
) => { readonly capabilities: Capabilities; readonly instructions?: string };

/** Longest text of instructions that is passed on, in characters: it goes into a model's context. */
const maxInstructions = 8192;

/**
 * Describes an endpoint from the catalogue. Capabilities say what the gateway has handlers for, whatever is behind it at the
 * moment: a client asks once, servers come and go.
 */
export const selfDescription =
  (catalog: Latest<Catalog>): SelfDescription =>
  (namespace, revision) => {
    const capabilities = {
      // Changes reach a client of the 2025 era on its standalone stream.
      tools: { listChanged: revision.sessions },
      resources: { listChanged: revision.sessions },
      prompts: { listChanged: revision.sessions },
      completions: {},
      logging: {},
    };
    const instructions = (catalog.current.view(namespace)?.servers ?? [])
      .flatMap(({ offer, settings }) =>
        offer?.instructions === undefined ? [] : [`${settings.name}: ${offer.instructions}`],
      )
      .join('\n\n');
    return instructions === ''
      ? { capabilities }
      : { capabilities, instructions: instructions.slice(0, maxInstructions) };
  };
