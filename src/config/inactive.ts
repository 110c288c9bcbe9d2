import { childPointer, dotted } from './pointer.js';
import type { RawConfig } from './schema.js';
import type { InactiveNotice } from './settings.js';
import type { Tree } from './tree.js';

export interface Later {
  /** Keys from the root; `*` for each. */
  readonly path: readonly string[];
  readonly message: string;
  /** It protects something: running without it is less safe than the file says. */
  readonly unsafe: boolean;
  /** Which values ask for something that is not there yet, or not in this configuration. */
  readonly when: (value: unknown, config: RawConfig) => boolean;
}

const always = (): boolean => true;
const later = (path: string, message: string, unsafe: boolean, when: Later['when'] = always): Later => ({
  path: path.split(' '),
  message,
  unsafe,
  when,
});

const withoutAuth = 'without `auth` nobody can be told from anybody';

/** The keys whose function is not built yet. A function takes its line out of here when it comes. */
export const laterKeys: readonly Later[] = [
  later(
    'servers * auth_required',
    withoutAuth,
    true,
    (value, { auth }) => value === true && auth === undefined,
  ),
  later('servers * allowed_clients', withoutAuth, true, (_value, { auth }) => auth === undefined),
  later('servers * scopes', withoutAuth, true, (_value, { auth }) => auth === undefined),
];

/** Which keys of a configuration have no function yet, in the order of the file. */
export const inactiveKeys = (tree: Tree, config: RawConfig): InactiveNotice[] =>
  laterKeys
    .flatMap((entry) => find(tree.value, entry.path, '').map((found) => notice(tree, config, found, entry)))
    .filter((found) => found !== undefined)
    .sort((a, b) => a.line - b.line || a.column - b.column);

const notice = (
  tree: Tree,
  config: RawConfig,
  { pointer, value }: Found,
  { message, unsafe, when }: Later,
): InactiveNotice | undefined => {
  if (!when(value, config)) return undefined;
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
