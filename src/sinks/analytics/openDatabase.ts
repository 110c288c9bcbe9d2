import type { DuckDBInstance } from '@duckdb/node-api';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AnalyticsError } from './analyticsError.js';
import type { StoreNotice, StoreOptions } from './storeMessages.js';

const betweenMs = 100;

/**
 * Opens the database of the running day. One that can't be read is put aside, and an empty one begun: the gateway starts whatever is on
 * the disk. Only a folder that another process has is refused.
 *
 * @throws AnalyticsError `ERR_ANALYTICS_IN_USE`, `ERR_ANALYTICS_UNAVAILABLE`
 */
export const openDatabase = async (
  options: StoreOptions,
  notice: (notice: StoreNotice) => void,
): Promise<DuckDBInstance> => {
  const { DuckDBInstance } = await import('@duckdb/node-api').catch((error: unknown) => {
    throw new AnalyticsError('ERR_ANALYTICS_UNAVAILABLE', unloadable(error));
  });
  const file = join(options.path, 'calls.duckdb');
  const open = () =>
    DuckDBInstance.create(options.isReadOnly && !existsSync(file) ? ':memory:' : file, {
      ...(options.isReadOnly && existsSync(file) && { access_mode: 'READ_ONLY' }),
      threads: String(options.threads),
      memory_limit: `${options.memoryBytes}B`,
      temp_directory: join(options.path, 'tmp'),
      max_temp_directory_size: `${options.spillBytes}B`,
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
      allow_community_extensions: 'false',
      allow_unsigned_extensions: 'false',
      allow_persistent_secrets: 'false',
    });
  let left = options.waitMs;
  // First what was written last, then everything: what can be read is kept.
  const suspects = options.isReadOnly ? [] : [`${file}.wal`, file];
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const { message } = error as Error;
      const [, holder] = /Conflicting lock is held.*\(PID (\d+)\)/s.exec(message) ?? [];
      if (holder !== undefined || /Could not set lock/.test(message)) {
        if (left <= 0) throw inUse(options.path, holder);
        left -= betweenMs;
        await wait(betweenMs);
        continue;
      }
      const suspect = /permission|no space|cannot open|read-only file/i.test(message)
        ? undefined
        : suspects.splice(0, suspects.findIndex(existsSync) + 1).at(-1);
      if (suspect === undefined || !existsSync(suspect))
        throw new AnalyticsError('ERR_ANALYTICS_UNAVAILABLE', `${options.path} can't be used: ${message}`);
      renameSync(suspect, `${suspect}.broken`);
      notice({
        level: 'error',
        event: 'analytics_put_aside',
        message:
          'A file of analytics can not be read and was put aside: calls of the running day may be missing',
        fields: { file: `${suspect}.broken`, cause: message },
      });
    }
  }
};

const unloadable = (error: unknown): string =>
  `DuckDB can't be loaded on ${process.platform}-${process.arch}: ${(error as Error).message.split('\n', 1)[0]}. ` +
  'It is there for Linux (glibc 2.28 or musl), macOS and Windows on x64 and arm64; was the package installed with --omit=optional? ' +
  'Without `analytics` in the configuration it is not needed';

const inUse = (path: string, holder: string | undefined): AnalyticsError =>
  new AnalyticsError(
    'ERR_ANALYTICS_IN_USE',
    `${path} is in use by ${holder === undefined ? 'another process' : `process ${holder}`}: each gateway needs a folder of its own under \`analytics.path\``,
  );
