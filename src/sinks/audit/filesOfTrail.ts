import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** The files of a trail. */
export interface FilesOfTrail {
  /** Those that are there, the oldest first. */
  readonly files: readonly string[];
  /** By a file, the one that should be before it and is not there; by the path itself that, if the newest is not. */
  readonly missing: ReadonlyMap<string, string>;
}

/** Finds the files that a trail is in: `path`, and those that were put aside before it, `path.1` the newest. */
export const filesOfTrail = (path: string): FilesOfTrail => {
  const prefix = `${basename(path)}.`;
  const folder = dirname(path);
  const indices = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.startsWith(prefix) && /^[1-9][0-9]{0,3}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .sort((one, other) => other - one);
  const named = (index: number): string => (index === 0 ? path : `${path}.${index}`);
  const all = existsSync(path) ? [...indices, 0] : indices;
  const missing = new Map<string, string>();
  for (const [position, index] of all.entries()) {
    const before = all[position - 1];
    if (before !== undefined && before !== index + 1) missing.set(named(index), named(index + 1));
  }
  const newest = all.at(-1);
  if (newest !== undefined && newest > 0) missing.set(path, path);
  return { files: all.map(named), missing };
};
