import { stat } from 'node:fs/promises';
import { catchError, defer, distinctUntilChanged, from, map, of, repeat, skip, type Observable } from 'rxjs';

/** Looks at a file every so many milliseconds; emits when its date, size or identity has changed, or it has come or gone. */
export const fromStamp = (path: string, everyMs: number): Observable<unknown> =>
  defer(() => from(stat(path))).pipe(
    map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`),
    catchError(() => of('gone')), // Why, the reading that follows finds out and reports.
    repeat({ delay: everyMs }),
    distinctUntilChanged(),
    skip(1),
  );
