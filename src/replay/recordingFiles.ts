import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RecordingError } from './recordingError.js';

/** A file of a recording. */
export interface RecordingFile {
  readonly path: string;
  readonly bytes: number;
}

/**
 * The files of recordings; of a folder those that are in it, in the order of their names, which is that of time.
 *
 * @throws RecordingError where there are none
 */
export const recordingFiles = async (paths: readonly string[]): Promise<readonly RecordingFile[]> => {
  const files: RecordingFile[] = [];
  for (const path of paths) {
    const found = await known(path);
    if (!found.isDirectory()) {
      files.push({ path, bytes: found.size });
      continue;
    }
    const inside = (await readdir(path)).filter((name) => /\.ndjson(?:\.zst|\.gz)?$/.test(name)).sort();
    if (inside.length === 0)
      throw new RecordingError(`There is no recording in the folder ${path}`, {
        remedy: ['Files of recordings end in .ndjson.zst, .ndjson.gz or .ndjson.'],
      });
    for (const name of inside)
      files.push({ path: join(path, name), bytes: (await known(join(path, name))).size });
  }
  return files;
};

const known = (path: string) =>
  stat(path).catch((cause: unknown) => {
    throw new RecordingError(`There is no recording ${path}`, { cause });
  });
