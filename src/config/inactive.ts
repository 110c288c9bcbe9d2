import { childPointer, dotted } from './pointer.js';
import type { InactiveNotice } from './settings.js';
import type { Tree } from './tree.js';

export interface Later {
  /** Keys from the root; `*` for each. */
  readonly path: readonly string[];
  readonly message: string;
  /** It protects something: running without it is less safe than the file says. */
  readonly unsafe: boolean;
  /** Which values ask for something that is not there yet. */
  readonly when: (value: unknown) => boolean;
}

const always = (): boolean => true;
const later = (
  path: string,
  message: string,
  unsafe: boolean,
  when: (value: unknown) => boolean = always,
): Later => ({ path: path.split(' '), message, unsafe, when });

/** The keys whose function is not built yet. A function takes its line out of here when it comes. */
export const laterKeys: readonly Later[] = [
  later('auth *', 'callers are not authenticated yet', true),
  later('opa', 'Open Policy Agent is not asked yet', true),
  later('servers * auth_required', 'callers are not authenticated yet', true, (value) => value === true),
  later('servers * allowed_clients', 'clients are not told apart yet', true),
  later('cache', 'answers are not cached yet', false),
];

/** Which keys of a configuration have no function yet, in the order of the file. */
export const inactiveKeys = (tree: Tree): InactiveNotice[] =>
  laterKeys
    .flatMap((entry) => find(tree.value, entry.path, '').map((found) => notice(tree, found, entry)))
    .filter((found) => found !== undefined)
    .sort((a, b) => a.line - b.line || a.column - b.column);

const notice = (
  tree: Tree,
  { pointer, value }: Found,
  { message, unsafe, when }: Later,
): InactiveNotice | undefined => {
  if (!when(value)) return undefined;
  const { line, column } = tree.places.get(pointer)?.key ?? { line: 1, column: 1 };
  return { path: dotted(pointer), line, column, message, unsafe };
};

interface Found {
  readonly pointer: string;
  readonly value: unknown;
}

const find = (value: unknown, path: readonly string[], pointer: string): Found[] => {
  const [step, ...rest] = path;
  if (step === undefined) return [{ pointer, value }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value)
    .filter(([key]) => step === '*' || step === key)
    .flatMap(([key, child]) => find(child, rest, childPointer(pointer, key)));
};
