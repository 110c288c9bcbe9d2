import { watch } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import {
  catchError,
  debounceTime,
  defer,
  distinctUntilChanged,
  EMPTY,
  from,
  merge,
  Observable,
  of,
} from 'rxjs';
import { concatMap, map, repeat, skip, startWith, switchMap } from 'rxjs';
import { ConfigError } from '../config/configError.js';
import type { Env } from '../config/expandEnv.js';
import { loadSettings } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import type { Log } from '../streams/log.js';

export interface FromConfigFileOptions {
  /** Where `${NAME}` in the file is looked up. */
  readonly env: Env;
  readonly log: Log;
  /** The file's name, as messages should show it; its path when left out. */
  readonly name?: string;
  /** Quiet time after a change before the file is read, in milliseconds (100): editors write in several steps. */
  readonly settleMs?: number;
  /** How often the file is looked at when nothing announces changes, in milliseconds (5000): network folders do not. */
  readonly pollMs?: number;
}

/**
 * A configuration file as a stream: its settings now, and again whenever it has changed for the better.
 *
 * > Keeps the last good one: a bad edit is logged with all that is wrong, and nothing is emitted.
 *
 * ```
 * the file        a---b-----x---c--     x does not pass the checks
 * fromConfigFile  a----b---------c-     x is logged
 * ```
 *
 * The folder is watched, not the file, because editors replace files and Kubernetes swaps a link beside them; a slow look at the
 * file's date catches what watching misses. What the file names (OpenAPI documents) is not watched.
 *
 * @param file path of the file; its folder is where relative paths in it start
 * @returns settings. Errors with ConfigError when the first reading fails, never after it
 */
export const fromConfigFile = (file: string, options: FromConfigFileOptions): Observable<Settings> =>
  defer(() => {
    const path = resolve(file);
    const { env, log, name = file, settleMs = 100, pollMs = 5000 } = options;
    const load = (text: string): Settings => loadSettings(text, { file: name, env, baseDir: dirname(path) });
    // In a folder where something changes all the time it never settles: then the file's own date tells.
    const settled$ = fromFolder(dirname(path), log).pipe(debounceTime(settleMs));
    const changes$ = merge(settled$, fromStamp(path, pollMs));
    let first = true;
    let good: string | undefined;

    const reading$ = defer(() => from(readFile(path, 'utf8'))).pipe(
      map((text) => ({ text })),
      catchError((error: NodeJS.ErrnoException) => of({ error: unreadable(name, error) })),
    );
    // Watching starts before the first reading: an edit in between is seen.
    return changes$.pipe(
      startWith(undefined),
      switchMap(() => reading$),
      // Twice the same text, or twice the same failure, is no news.
      distinctUntilChanged((a, b) => keyOf(a) === keyOf(b)),
      concatMap((reading) => {
        try {
          if ('error' in reading) throw reading.error;
          const unchanged = reading.text === good;
          if (unchanged) log.info({ event: 'config_restored', file: name }, 'configuration is as it was');
          if (unchanged) return EMPTY;
          const settings = load(reading.text);
          good = reading.text;
          if (!first) log.info({ event: 'config_loaded', file: name }, 'configuration loaded');
          first = false;
          return of(settings);
        } catch (error) {
          if (first) throw error;
          const found = error instanceof ConfigError ? { diagnostics: error.diagnostics } : { err: error };
          const message = error instanceof Error ? error.message : String(error);
          log.error({ event: 'config_rejected', file: name, ...found }, `${message}\n${stays}`);
          return EMPTY;
        }
      }),
    );
  });

const stays = 'The configuration before this change stays in force.';

const keyOf = (reading: { readonly text: string } | { readonly error: ConfigError }): string =>
  'text' in reading ? `+${reading.text}` : `-${reading.error.message}`;

const unreadable = (file: string, { code = 'unknown reason' }: NodeJS.ErrnoException): ConfigError => {
  const place = { file, line: 1, column: 1, path: '' };
  const message = code === 'ENOENT' ? 'The file does not exist' : `The file can not be read (${code})`;
  const remedy = `Check the path and who may read it (${basename(file)})`;
  return new ConfigError([{ ...place, message, remedy }]);
};

/** Emits when anything in a folder changes. Ends, with a warning, when the system can not watch it. */
const fromFolder = (folder: string, log: Log): Observable<unknown> =>
  new Observable<void>((subscriber) => {
    const watcher = watch(folder, { persistent: false }, () => subscriber.next());
    watcher.on('error', (error) => subscriber.error(error));
    return () => watcher.close();
  }).pipe(
    catchError((error: NodeJS.ErrnoException) => {
      log.warn(
        { event: 'config_unwatched', code: error.code },
        'can not watch the folder, looking now and then',
      );
      return EMPTY;
    }),
  );

/** Looks at a file now and then; emits when its date, size or identity has changed, or it has come or gone. */
const fromStamp = (path: string, everyMs: number): Observable<unknown> =>
  defer(() => from(stat(path))).pipe(
    map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`),
    catchError(() => of('gone')), // Why, the reading that follows finds out and reports.
    repeat({ delay: everyMs }),
    distinctUntilChanged(),
    skip(1),
  );
