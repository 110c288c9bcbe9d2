import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { catchError, EMPTY, Observable } from 'rxjs';
import type { Log } from '../streams/log.js';

/**
 * Emits when a file's folder tells of it: of the name itself, or of a link that a whole volume is swapped by (`..data`). What else
 * is written in the folder, a log perhaps, must not keep it from settling. Ends, with a warning, when the system can not watch it.
 */
export const fromFolder = (path: string, log: Log): Observable<unknown> =>
  new Observable<void>((subscriber) => {
    const own = basename(path);
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === own || name.startsWith('..')) subscriber.next();
    });
    watcher.on('error', (error) => subscriber.error(error));
    return () => watcher.close();
  }).pipe(
    catchError((error: NodeJS.ErrnoException) => {
      log.warn(
        { event: 'file_unwatched', code: error.code },
        'can not watch the folder, looking now and then',
      );
      return EMPTY;
    }),
  );
