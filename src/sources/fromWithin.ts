import { watch } from 'node:fs';
import { catchError, EMPTY, Observable } from 'rxjs';

/** Emits when something in a folder changes; what is deeper does not count. Ends where there is no such folder, or the system can not watch it. */
export const fromWithin = (folder: string): Observable<unknown> =>
  new Observable<void>((subscriber) => {
    // With a slash: a file of that name is none.
    const watcher = watch(`${folder}/`, { persistent: false }, () => subscriber.next());
    watcher.on('error', (error) => subscriber.error(error));
    return () => watcher.close();
  }).pipe(
    // Whoever needs to know looks now and then besides.
    catchError(() => EMPTY),
  );
