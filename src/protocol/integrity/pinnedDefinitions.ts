import type { Params } from '../jsonrpc.js';

/** What is pinned of a server, by the name of its list. */
export type PinnedKind = 'tools' | 'prompts' | 'resourceTemplates';

/** What a server offers, as far as it is pinned. */
export type Pinnable = Readonly<Record<PinnedKind, readonly Params[]>>;

/** One definition as it is pinned: what a model or a person goes by, and nothing that may change without meaning anything. */
export interface PinnedDefinition {
  readonly kind: PinnedKind;
  /** The server's own name, or the template of URIs. */
  readonly name: string;
  readonly definition: Params;
}

const fields: Readonly<Record<PinnedKind, readonly [key: string, ...others: string[]]>> = {
  tools: ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'],
  prompts: ['name', 'title', 'description', 'arguments'],
  resourceTemplates: ['uriTemplate', 'name', 'title', 'description', 'mimeType'],
};

const pinnedKinds = Object.keys(fields) as PinnedKind[];

/** The definitions of an offer that are pinned, in its order. */
export const pinnedDefinitions = (offer: Pinnable): readonly PinnedDefinition[] =>
  pinnedKinds.flatMap((kind) =>
    offer[kind].map((whole) => {
      const [key] = fields[kind];
      const kept = fields[kind].filter((field) => whole[field] !== undefined);
      const definition = Object.fromEntries(kept.map((field) => [field, whole[field]]));
      return { kind, name: String(whole[key]), definition };
    }),
  );
