import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Expected } from './judge.js';
import type { Revision } from './requirements.js';

const file = new URL('./expected-failures.yaml', import.meta.url);

/** Reads expected-failures.yaml: the failures known for a revision, each with a reason of at least a few words. */
export const expectedFailures = (revision: Revision): Expected => {
  const lists = parse(readFileSync(file, 'utf8')) as Partial<Record<Revision, Expected | null>>;
  const list = lists[revision] ?? {};
  for (const [entry, reason] of Object.entries(list))
    if (typeof reason !== 'string' || reason.trim().length < 10)
      throw new TypeError(`expected-failures.yaml: ${revision}: ${entry} needs a reason`);
  return list;
};
