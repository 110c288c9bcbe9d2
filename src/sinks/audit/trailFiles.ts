import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { filesOfTrail } from './filesOfTrail.js';

/** The file of one of several processes: `audit.ndjson` becomes `audit.worker-1.ndjson`. */
export const workerTrail = (path: string, worker: number): string => named(path, String(worker));

/** The trails that a gateway has written for a path: its own, those of workers, without the files put aside. None for one that never was. */
export const trailFiles = (path: string): readonly string[] => {
  const folder = dirname(path);
  if (!existsSync(folder)) return [];
  const [before = '', after = ''] = basename(named(path, '\0')).split('\0');
  const ofWorkers = readdirSync(folder)
    .map((name) => name.replace(aside, ''))
    .filter(
      (name) =>
        name.startsWith(before) &&
        name.endsWith(after) &&
        /^[0-9]{1,6}$/.test(name.slice(before.length, name.length - after.length)),
    );
  const own = filesOfTrail(path).files.length > 0 ? [path] : [];
  return [...own, ...[...new Set(ofWorkers)].map((name) => join(folder, name))];
};

/** How a file that was put aside ends. */
const aside = /\.[1-9][0-9]{0,3}$/;

const named = (path: string, worker: string): string => {
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)}.worker-${worker}${ending}`;
};
