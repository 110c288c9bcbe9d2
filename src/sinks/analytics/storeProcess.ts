/**
 * The process that keeps the calls: it has the database, so that neither storing nor asking holds up the gateway, and so that whatever
 * a question does to the database's code, calls go on. It ends with the gateway, however that ends, having stored what it was told.
 */
import { setPriority } from 'node:os';
import { limits } from '../../config/limits.js';
import { AnalyticsError } from './analyticsError.js';
import { CallStore } from './callStore.js';
import type { FromStore, StoreOptions, ToStore } from './storeMessages.js';

/** How often days that are over are looked for, in milliseconds. */
const tidyMs = 60_000;
/** Priority below that of the gateway (POSIX nice). */
const nice = 5;

let store: CallStore | undefined;
let work: Promise<unknown> = Promise.resolve();

const tell = (message: FromStore): void => {
  // Nobody to tell it to: the gateway was killed.
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
};

/** Texts and lists in the making are not in DuckDB's count: whoever makes too long ones ends this process, before the machine is full. */
const watchMemory = ({ memoryBytes }: StoreOptions): void => {
  setInterval(() => {
    if (process.memoryUsage.rss() > memoryBytes + limits.analyticsSpareBytes)
      process.kill(process.pid, 'SIGKILL');
  }, limits.analyticsWatchMs).unref();
};

const open = async (options: StoreOptions): Promise<void> => {
  watchMemory(options);
  try {
    store = await CallStore.open(options, (notice) => tell({ notice }));
    tell({ opened: true, bytes: options.isReadOnly ? 0 : store.bytes });
  } catch (error) {
    if (!(error instanceof AnalyticsError)) throw error;
    tell({ refused: { code: error.code, message: error.message } });
    return;
  }
  if (options.isReadOnly) return;
  void tidy();
  setInterval(() => void tidy(), tidyMs).unref();
};

let tidying = false;
const tidy = async (): Promise<void> => {
  if (tidying) return;
  tidying = true;
  try {
    await store?.tidy(Date.now());
  } catch (error) {
    const { message } = error as Error;
    const fields = { cause: message };
    tell({
      notice: {
        level: 'error',
        event: 'analytics_tidy_failed',
        message: 'Days that are over can not be put into files of their own; it is tried again',
        fields,
      },
    });
  }
  tidying = false;
};

const append = async (text: string, firstId: string, again: boolean): Promise<void> => {
  if (store === undefined) return;
  try {
    const appended = await store.append(text, firstId, again);
    tell({ appended, bytes: store.bytes });
  } catch (error) {
    tell({ appendFailed: (error as Error).message });
  }
};

const take = (message: ToStore): void => {
  if ('open' in message) work = open(message.open);
  else if ('append' in message)
    work = work.then(() => append(message.append, message.firstId, message.again));
  else if ('ask' in message) void answer(message);
  else void end();
};

const answer = async ({ ask, id }: Extract<ToStore, { ask: unknown }>): Promise<void> => {
  try {
    const found = await store?.ask(ask);
    if (found === undefined) return;
    tell('path' in found ? { id, file: found } : { id, rows: found });
  } catch (error) {
    const failure =
      error instanceof AnalyticsError
        ? error
        : new AnalyticsError('ERR_QUERY_INVALID', (error as Error).message);
    tell({ id, failed: { code: failure.code, message: failure.message } });
  }
};

const end = async (): Promise<void> => {
  await work;
  store?.close();
  process.exit(0);
};

try {
  setPriority(nice);
} catch {
  // Not everywhere allowed; then it has the gateway's.
}
// Signals of a terminal reach the whole group: the gateway says when.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => void end());
process.on('message', (message) => take(message as ToStore));
