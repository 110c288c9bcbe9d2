import { createHash } from 'node:crypto';
import type { Entry, View } from './view.js';

export type ListKind = 'tools' | 'prompts' | 'resources';

const known = new WeakMap<View, Map<ListKind, string>>();

/** Two views with the same fingerprint show clients the same list. Worked out once per view, however many streams ask. */
export const fingerprint = (view: View | undefined, kind: ListKind): string => {
  if (view === undefined) return '';
  let kinds = known.get(view);
  if (kinds === undefined) known.set(view, (kinds = new Map<ListKind, string>()));
  const before = kinds.get(kind);
  if (before !== undefined) return before;
  const entries: readonly Entry<unknown>[] = [
    ...view[kind].values(),
    ...(kind === 'resources' ? view.templates.values() : []),
  ];
  const hash = createHash('sha256');
  for (const { definition } of entries) hash.update(JSON.stringify(definition));
  const digest = hash.digest('base64');
  kinds.set(kind, digest);
  return digest;
};
