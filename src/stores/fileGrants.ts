import { mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { defer, from, ignoreElements, map } from 'rxjs';
import { refusal } from '../protocol/errors.js';
import { isObject } from '../protocol/jsonrpc.js';
import { sealer, type Secrets } from '../protocol/sealer.js';
import type { GrantRecord, GrantStore } from '../streams/grants.js';
import { replaceFile } from './replaceFile.js';

export interface FileGrantsOptions {
  /** Absolute; its folder is made when it is missing. */
  readonly path: string;
  /** What the file is sealed with; undefined leaves it readable, for its owner only. */
  readonly secrets: Secrets | undefined;
}

/** Larger ones are not ours. */
const maxBytes = 4 * 1024 * 1024;
/** A lock this old belongs to a process that has died, in milliseconds. */
const staleLockMs = 5000;
const lockPauseMs = 20;

/** As it stands in the file, which somebody may have had an editor in. */
type Records = Readonly<Record<string, Partial<GrantRecord>>>;

/**
 * Grants in one file that several processes share: `sluice authorize` writes it, gateways read and renew it.
 *
 * It is readable for its owner only (0600), replaced as a whole, never half-written; a lock beside it keeps two writers from
 * undoing each other's work.
 */
export const fileGrants = ({ path, secrets }: FileGrantsOptions): GrantStore => {
  const seal = secrets === undefined ? undefined : sealer(secrets, 'sluice oauth grants');

  const decode = (text: string): Records => {
    const content = parse(text);
    if (!isObject(content)) throw unreadable('is no file of grants');
    if (typeof content['sealed'] !== 'string') return (content['servers'] ?? {}) as Records;
    const opened = seal?.open(content['sealed']);
    if (opened === undefined) throw unreadable('was sealed with a key that `state.keys` does not have');
    return (opened['servers'] ?? {}) as Records;
  };

  const encode = (servers: Records): string =>
    `${JSON.stringify(seal === undefined ? { version: 1, servers } : { version: 1, sealed: seal.seal({ servers }) })}\n`;

  const readAll = async (): Promise<Records> => {
    try {
      const { size } = await stat(path);
      if (size > maxBytes) throw unreadable('is too large');
      return decode(await readFile(path, 'utf8'));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return {};
      if (code === undefined || code.startsWith('ERR_')) throw error;
      throw unreadable(`can not be read (${code})`);
    }
  };

  const update = async (key: string, record: GrantRecord): Promise<void> => {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const unlock = await locked(`${path}.lock`);
    try {
      await replaceFile(path, encode({ ...(await readAll()), [key]: record }));
    } finally {
      await unlock();
    }
  };

  return {
    read: (key) =>
      defer(() => from(readAll())).pipe(
        map((records) => (isObject(records[key]) ? { clients: {}, ...records[key] } : undefined)),
      ),
    write: (key, record) => defer(() => from(update(key, record))).pipe(ignoreElements()),
  };
};

const locked = async (path: string): Promise<() => Promise<void>> => {
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      const since = await stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined, // given back in between
      );
      if (since !== undefined && Date.now() - since > staleLockMs) await rm(path, { force: true });
      else await sleep(lockPauseMs);
    }
  }
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // the caller says what that means
  }
};

const unreadable = (why: string) =>
  refusal('ERR_UPSTREAM_UNAUTHORIZED', `The file with the tokens of the servers ${why}`);
