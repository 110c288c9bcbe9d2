import { catchError, defer, isObservable, map, of, timeout } from 'rxjs';
import type { Counters } from '../../streams/counters.js';
import { memoryCounters, type MemoryCountersOptions } from '../memoryCounters.js';
import type { BookLink } from './bookLink.js';

/** How long the book may take to answer, in milliseconds: nobody is to wait for being counted. */
const momentMs = 500;

/** The counters of all workers, exact; while the book does not answer, those of this one count. */
export const workerCounters = (link: BookLink, options: MemoryCountersOptions): Counters => {
  const own = memoryCounters(options);
  return {
    take: (key, units, limit) =>
      link.ask({ ask: 'take', key, units, limit }).pipe(
        timeout({ first: momentMs }),
        map(({ taken }) => {
          if (taken === undefined) throw new TypeError('the book has given no count');
          return taken;
        }),
        catchError(() =>
          defer(() => {
            const here = own.take(key, units, limit);
            return isObservable(here) ? here : of(here);
          }),
        ),
      ),
    close: () => own.close(),
  };
};
