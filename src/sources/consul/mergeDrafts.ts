import type { ToolDraft } from './toolDraft.js';

/**
 * The tools of a service from its manifest and its Meta. Meta wins where both say something, but for a signature, which belongs to
 * the words it was made over: it goes with the description of its source.
 */
export const mergeDrafts = (
  manifest: readonly ToolDraft[],
  meta: readonly ToolDraft[],
): readonly ToolDraft[] => {
  const merged = new Map(manifest.map((draft) => [draft.name, draft]));
  for (const draft of meta) {
    const said = Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));
    const known = merged.get(draft.name);
    const ignored = draft.timeoutMs === undefined ? (draft.ignored ?? known?.ignored) : undefined;
    merged.set(draft.name, { ...known, ...said, name: draft.name, ignored });
  }
  return [...merged.values()];
};
