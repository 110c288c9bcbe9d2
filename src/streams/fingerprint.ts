import { hash } from 'node:crypto';
import { kept } from './kept.js';
import type { View } from './view.js';

export type ListKind = 'tools' | 'prompts' | 'resources';

/** By the list, which is the same object as long as nothing in it has changed. */
const ofLists = new WeakMap<object, string>();
/** By the definition: when one of many has changed, the others are the same objects. */
const ofDefinitions = new WeakMap<object, string>();

/** Two views with the same fingerprint show clients the same list. Worked out once per list, however many streams ask. */
export const fingerprint = (view: View | undefined, kind: ListKind): string => {
  if (view === undefined) return '';
  return digestOf(view[kind]) + (kind === 'resources' ? digestOf(view.templates) : '');
};

const digestOf = (entries: ReadonlyMap<string, { readonly definition: object }>): string =>
  kept(ofLists, entries, () => {
    let all = '';
    for (const { definition } of entries.values())
      all += kept(ofDefinitions, definition, () => digest(JSON.stringify(definition)));
    return digest(all);
  });

/** 132 bits are enough to tell any two lists apart. */
const digest = (text: string): string => hash('sha256', text, 'base64').slice(0, 22);
