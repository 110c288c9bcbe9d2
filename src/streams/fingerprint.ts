import { listDigests } from './listDigests.js';
import type { View } from './view.js';

export type ListKind = 'tools' | 'prompts' | 'resources';

/** Two views with the same fingerprint show clients the same list. However many streams ask, it is worked out once. */
export const fingerprint = (view: View | undefined, kind: ListKind): string => {
  if (view === undefined) return '';
  const digest = listDigests.of(view[kind]);
  return kind === 'resources' ? `${digest} ${listDigests.of(view.templates)}` : digest;
};
