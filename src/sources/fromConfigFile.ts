import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import {
  BehaviorSubject,
  catchError,
  concatMap,
  debounceTime,
  defer,
  distinctUntilChanged,
  EMPTY,
  from,
  map,
  merge,
  type Observable,
  of,
  switchMap,
  tap,
} from 'rxjs';
import { ConfigError } from '../config/configError.js';
import type { Env } from '../config/expandEnv.js';
import { loadSettings } from '../config/load.js';
import type { Settings } from '../config/settings.js';
import type { Log } from '../streams/log.js';
import { fromFolder } from './fromFolder.js';
import { fromStamp } from './fromStamp.js';

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
 * file's date catches what watching misses. Files of keys and certificates that it names are looked at in the same way, so that they
 * can be rotated; OpenAPI documents are not watched.
 *
 * @param file path of the file; its folder is where relative paths in it start
 * @returns settings. Errors with ConfigError when the first reading fails, never after it
 */
export const fromConfigFile = (file: string, options: FromConfigFileOptions): Observable<Settings> =>
  defer(() => {
    const path = resolve(file);
    const { env, log, name = file, settleMs = 100, pollMs = 5000 } = options;
    // In a folder where something changes all the time it never settles: then the file's own date tells.
    const settled$ = fromFolder(path, log).pipe(debounceTime(settleMs));
    const files = new BehaviorSubject<readonly string[]>([]);
    const filesChanged$ = files.pipe(
      distinctUntilChanged((a, b) => String(a) === String(b)),
      switchMap((paths) => merge(...paths.map((needed) => fromStamp(needed, pollMs)))),
      tap(() => (isAnew = true)),
    );
    // Remembered apart from its cause: another one may overtake the reading that follows from it.
    let isAnew = false;
    const reading$: Observable<Reading> = defer(() => from(readFile(path, 'utf8'))).pipe(
      map((text) => ({ text })),
      catchError((error: NodeJS.ErrnoException) => of({ failure: unreadable(name, error) })),
    );
    // The first reading comes last: watching has begun, and an edit right after it is seen.
    return merge(settled$, fromStamp(path, pollMs), filesChanged$, of(undefined)).pipe(
      switchMap(() => reading$),
      map((reading) => {
        const anew = isAnew;
        isAnew = false;
        return { ...reading, anew };
      }),
      // Twice the same text, or twice the same failure, is no news, unless it now means something else.
      distinctUntilChanged(
        (a, b) => !b.anew && a.text === b.text && a.failure?.message === b.failure?.message,
      ),
      concatMap(
        keepLastGood((text) => loadSettings(text, { file: name, env, baseDir: dirname(path) }), log, name),
      ),
      tap((settings) => files.next(settings.files)),
    );
  });

/** The file's text, or why there is none. */
type Reading = { readonly anew?: boolean } & (
  | { readonly text: string; readonly failure?: undefined }
  | { readonly text?: undefined; readonly failure: ConfigError }
);

/** Readings → settings that differ from the last good ones. Throws for the first reading, logs for later ones. */
const keepLastGood = (load: (text: string) => Settings, log: Log, file: string) => {
  let good: string | undefined;
  return ({ text, failure, anew }: Reading): Observable<Settings> => {
    if (text !== undefined && text === good && anew !== true) {
      log.info({ event: 'config_restored', file }, 'configuration is as it was');
      return EMPTY;
    }
    try {
      if (failure !== undefined) throw failure;
      const settings = load(text);
      if (good !== undefined) log.info({ event: 'config_loaded', file }, 'configuration loaded');
      good = text;
      return of(settings);
    } catch (error) {
      if (good === undefined) throw error;
      const found = error instanceof ConfigError ? { diagnostics: error.diagnostics } : { err: error };
      const message = error instanceof Error ? error.message : String(error);
      log.error({ event: 'config_rejected', file, ...found }, `${message}\n${stays}`);
      return EMPTY;
    }
  };
};

const stays = 'The configuration before this change stays in force.';

const unreadable = (file: string, { code = 'unknown reason' }: NodeJS.ErrnoException): ConfigError => {
  const place = { file, line: 1, column: 1, path: '' };
  const message = code === 'ENOENT' ? 'The file does not exist' : `The file can not be read (${code})`;
  const remedy = `Check the path and who may read it (${basename(file)})`;
  return new ConfigError([{ ...place, message, remedy }]);
};
