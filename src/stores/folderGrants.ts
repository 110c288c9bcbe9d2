import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defer, from, ignoreElements } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { isObject } from '../protocol/jsonrpc.js';
import { sealer, type Secrets } from '../protocol/sealer.js';
import type { GrantRecord, GrantStore } from '../streams/grants.js';
import { replaceFile } from './replaceFile.js';

export interface FolderGrantsOptions {
  /** Absolute; made when it is missing. */
  readonly path: string;
  readonly secrets: Secrets;
  /** So many at most; the one written longest ago gives way. */
  readonly max: number;
}

/**
 * Grants of many in a folder that several processes share: one file each, always sealed, under a name that says nothing. What was sealed
 * with a secret that is gone is not there, and an entry opens only under the key it was written with.
 */
export const folderGrants = ({ path, secrets, max }: FolderGrantsOptions): GrantStore => {
  const { seal, open } = sealer(secrets, 'sluice grants of persons');
  const fileOf = (key: string): string =>
    join(path, `${createHash('sha256').update(key).digest('base64url')}.grant`);

  const read = async (key: string): Promise<GrantRecord | undefined> => {
    try {
      const opened = open(await readFile(fileOf(key), 'utf8'));
      return opened?.['key'] === key && isObject(opened['record'])
        ? (opened['record'] as unknown as GrantRecord)
        : undefined;
    } catch (error) {
      const { code = 'unknown reason' } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return undefined;
      throw refusal('ERR_UPSTREAM_UNAUTHORIZED', `A grant can not be read (${code})`);
    }
  };

  const write = async (key: string, record: GrantRecord): Promise<void> => {
    await mkdir(path, { recursive: true, mode: 0o700 });
    await replaceFile(fileOf(key), seal({ key, record }));
    await makeRoom();
  };

  const makeRoom = async (): Promise<void> => {
    const names = (await readdir(path)).filter((name) => name.endsWith('.grant'));
    if (names.length <= max) return;
    const aged = await Promise.all(
      names.map(async (name) => {
        const file = join(path, name);
        return { file, at: await stat(file).then(({ mtimeMs }) => mtimeMs, gone) };
      }),
    );
    const oldest = aged.sort((a, b) => a.at - b.at).slice(0, names.length - max);
    for (const { file } of oldest) await rm(file, { force: true });
  };

  return {
    read: (key) => defer(() => from(read(key))),
    write: (key, record) => defer(() => from(write(key, record))).pipe(ignoreElements()),
  };
};

/** Another process was faster in making room. */
const gone = (): number => Infinity;
