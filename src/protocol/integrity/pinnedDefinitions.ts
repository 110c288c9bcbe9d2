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

/** The member that a definition is known by. */
const keys: Readonly<Record<PinnedList, string>> = {
  tools: 'name',
  prompts: 'name',
  resourceTemplates: 'uriTemplate',
};

const lists = Object.keys(keys) as PinnedList[];

/** What programs tell each other, and pictures: no model goes by it. Members that nobody knows yet are pinned, for clients get them too. */
const notPinned: ReadonlySet<string> = new Set(['_meta', 'icons']);

/** The definitions of an offer that are pinned, in its order. */
export const pinnedDefinitions = (offer: Pinnable): readonly PinnedDefinition[] => {
  const { instructions } = offer;
  const listed = lists.flatMap((kind) =>
    offer[kind].map((whole): PinnedDefinition => {
      const kept = Object.entries(whole).filter(
        ([member, value]) => !notPinned.has(member) && value !== undefined,
      );
      return { kind, name: String(whole[keys[kind]]), definition: Object.fromEntries(kept) };
    }),
  );
  return instructions === undefined
    ? listed
    : [...listed, { kind: 'instructions', name: 'instructions', definition: { instructions } }];
};
