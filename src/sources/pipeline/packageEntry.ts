import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** In the order in which Node itself would look at them for `import`. */
const conditions = ['node', 'import', 'module-sync', 'default'];

/**
 * The file that `import` of a package gets, seen from a folder: `import.meta.resolve` only looks from where it stands.
 *
 * @returns an absolute path
 * @throws what Node throws where there is no such package
 */
export const packageEntry = (name: string, from: string): string => {
  const seen = createRequire(join(from, 'any.js'));
  try {
    return seen.resolve(name);
  } catch (error) {
    // Node resolves for `require` here, which a package that can only be imported has no answer for.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_PACKAGE_PATH_NOT_EXPORTED') throw error;
    const [, own = name, subpath = ''] = /^((?:@[^/]+\/)?[^/]+)(\/.*)?$/.exec(name) ?? [];
    for (const folder of seen.resolve.paths(name) ?? []) {
      const entry = entryOf(join(folder, own), `.${subpath}`);
      if (entry !== undefined) return entry;
    }
    throw error;
  }
};

const entryOf = (folder: string, subpath: string): string | undefined => {
  let manifest: { readonly exports?: unknown };
  try {
    manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as typeof manifest;
  } catch {
    // Not in this folder: the next one up is looked at.
    return undefined;
  }
  const { exports } = manifest;
  const bySubpath = isTable(exports) && Object.keys(exports).some((key) => key.startsWith('.'));
  const found = chosen(bySubpath ? exports[subpath] : exports);
  return found === undefined ? undefined : join(folder, found);
};

const isTable = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const chosen = (entry: unknown): string | undefined => {
  if (typeof entry === 'string') return entry;
  if (!isTable(entry)) return undefined;
  const key = Object.keys(entry).find((name) => conditions.includes(name));
  return key === undefined ? undefined : chosen(entry[key]);
};
