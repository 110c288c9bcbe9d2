import { defer, distinctUntilChanged, map, merge, skip, startWith, type Observable } from 'rxjs';
import type { Catalog } from './catalog.js';
import type { ListChange } from './change.js';
import { fingerprint, type ListKind } from './fingerprint.js';
import type { Latest } from './latest.js';

/**
 * Says when a list of this endpoint is not what it was when this function was called, or when it last said so.
 *
 * ```
 * catalogue    s--t---s--p        s same tools, t other tools, p other prompts
 * listChanges  ---T---T--P
 * ```
 */
export const listChanges = (
  { current, changes$ }: Latest<Catalog>,
  namespace: string | undefined,
  kinds: readonly ListKind[],
): Observable<ListChange> => {
  const before = kinds.map((list) => ({ list, digest: fingerprint(current.view(namespace), list) }));
  return defer(() =>
    merge(
      ...before.map(({ list, digest }) =>
        changes$.pipe(
          map((catalog) => fingerprint(catalog.view(namespace), list)),
          startWith(digest),
          distinctUntilChanged(),
          skip(1),
          map((): ListChange => ({ kind: 'list', list })),
        ),
      ),
    ),
  );
};
