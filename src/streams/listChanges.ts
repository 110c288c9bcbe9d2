import { Observable } from 'rxjs';
import type { Catalog } from './catalog.js';
import type { ListChange } from './change.js';
import type { Viewpoint } from './exchange.js';
import { fingerprint, type ListKind } from './fingerprint.js';
import type { Latest } from './latest.js';

/**
 * Says when a list as a caller sees it is not what it was when this function was called, or when it last said so.
 *
 * ```
 * catalogue    s--t---s--p        s same tools, t other tools, p other prompts
 * listChanges  ---T---T--P
 * ```
 *
 * One subscriber for all kinds: as a chain of operators for each it took 14 KiB of every standalone stream (`npm run bench -- --only
 * streams`).
 */
export const listChanges = (
  { current, changes$ }: Latest<Catalog>,
  from: Viewpoint,
  kinds: readonly ListKind[],
): Observable<ListChange> => {
  const before = kinds.map((list) => fingerprint(current.view(from), list));
  return new Observable((subscriber) => {
    const digests = [...before];
    return changes$.subscribe({
      next(catalog) {
        const view = catalog.view(from);
        for (const [index, list] of kinds.entries()) {
          const digest = fingerprint(view, list);
          if (digest === digests[index]) continue;
          digests[index] = digest;
          subscriber.next({ kind: 'list', list });
        }
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => subscriber.complete(),
    });
  });
};
