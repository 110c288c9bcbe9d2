import type { CompiledRule } from './compiledRule.js';
import { findings } from './findings.js';
import { mapChildren } from './mapChildren.js';
import { relatedTaskKey } from '../tasks.js';
import type { TextRedactor } from './textRedactor.js';

/** Shown in the place of a secret. */
const concealed = '[redacted:credential]';

/** What a server gives the gateway to hand back; clients get it sealed, or not at all. */
const handedBack: ReadonlySet<string> = new Set(['requestState', 'taskId', 'nextCursor']);
/** Where it stands, beside the message itself; elsewhere something is merely called so. */
const holders: ReadonlySet<string> = new Set(['task', 'tasks', '_meta', relatedTaskKey]);

/**
 * Takes texts that are known out of all that a server says, wherever they stand: names of members, values, the middle of a text.
 *
 * A message without any, which nearly all are, costs one search of each of its texts, and is the same object.
 *
 * @param secrets the texts of the moment, as {@link spellings} gives them, the longest first
 */
export const concealer = (secrets: () => readonly string[]): TextRedactor => {
  const holds = (value: unknown): boolean => {
    if (typeof value === 'string') return secrets().some((secret) => value.includes(secret));
    if (typeof value !== 'object' || value === null) return false;
    if (Array.isArray(value)) return value.some(holds);
    for (const [name, child] of Object.entries(value)) if (holds(name) || holds(child)) return true;
    return false;
  };
  const text = (whole: string): string =>
    secrets().reduce((rest, secret) => rest.replaceAll(secret, concealed), whole);
  const cleaned = (value: unknown): unknown =>
    typeof value === 'string' ? text(value) : mapChildren(value, cleaned, text);
  const outer = (value: unknown, key: string | number): unknown => {
    if (typeof value === 'string') return handedBack.has(String(key)) ? value : text(value);
    return typeof key === 'number' || holders.has(key) ? mapChildren(value, outer, text) : cleaned(value);
  };
  const rule: CompiledRule = {
    name: 'credential',
    action: 'mask',
    keepLast: 0,
    paths: [],
    find: (whole) =>
      secrets().flatMap((secret) =>
        startsOf(secret, whole).map((start) => ({
          start,
          end: start + secret.length,
          context: start,
          label: 'credential',
        })),
      ),
  };
  return {
    text,
    message: <T extends object>(holder: T): T =>
      holds(holder) ? (mapChildren(holder, outer, text) as T) : holder,
    find: (whole) => findings(whole, [rule]),
    replaced: () => concealed,
    openFrom: (whole) => Math.min(whole.length, ...secrets().map((secret) => openAt(secret, whole))),
  };
};

const startsOf = (secret: string, whole: string): number[] => {
  const starts: number[] = [];
  for (let at = whole.indexOf(secret); at !== -1; at = whole.indexOf(secret, at + secret.length))
    starts.push(at);
  return starts;
};

/** Where at the end of a text a secret begins that is not there to its end. */
const openAt = (secret: string, whole: string): number => {
  const first = secret.charAt(0);
  let at = whole.indexOf(first, Math.max(whole.length - secret.length + 1, 0));
  while (at !== -1 && !secret.startsWith(whole.slice(at))) at = whole.indexOf(first, at + 1);
  return at === -1 ? whole.length : at;
};
