import type { Params } from '../jsonrpc.js';

/** What is pinned of a server: the definitions of its lists, and what it tells models of itself. */
export type PinnedKind = PinnedList | 'instructions';
type PinnedList = 'tools' | 'prompts' | 'resourceTemplates';

/** What a server offers, as far as it is pinned. */
export interface Pinnable extends Readonly<Record<PinnedList, readonly Params[]>> {
  readonly instructions?: string;
}

/** One definition as it is pinned: what a model or a person goes by, and nothing that may change without meaning anything. */
export interface PinnedDefinition {
  readonly kind: PinnedKind;
  /** The server's own name, the template of URIs, or `instructions`. */
  readonly name: string;
  readonly definition: Params;
}

const fields: Readonly<Record<PinnedList, readonly [key: string, ...others: string[]]>> = {
  tools: ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'],
  prompts: ['name', 'title', 'description', 'arguments'],
  resourceTemplates: ['uriTemplate', 'name', 'title', 'description', 'mimeType'],
};

const lists = Object.keys(fields) as PinnedList[];

/** The definitions of an offer that are pinned, in its order. */
export const pinnedDefinitions = (offer: Pinnable): readonly PinnedDefinition[] => {
  const { instructions } = offer;
  const listed = lists.flatMap((kind) =>
    offer[kind].map((whole): PinnedDefinition => {
      const [key] = fields[kind];
      const kept = fields[kind].filter((field) => whole[field] !== undefined);
      const definition = Object.fromEntries(kept.map((field) => [field, whole[field]]));
      return { kind, name: String(whole[key]), definition };
    }),
  );
  return instructions === undefined
    ? listed
    : [...listed, { kind: 'instructions', name: 'instructions', definition: { instructions } }];
};
