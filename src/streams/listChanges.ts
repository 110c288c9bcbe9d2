import { NEVER, Observable } from 'rxjs';
import type { Catalog } from './catalog.js';
import type { ListChange } from './change.js';
import type { Viewpoint } from './exchange.js';
import { fingerprint, type ListKind } from './fingerprint.js';
import type { Latest } from './latest.js';
import type { Concerns } from './policies.js';
import type { View } from './view.js';

/**
 * Says when a list as a caller sees it is not what it was when this function was called, or when it last said so; and when policies over
 * something in it have changed, for then it may be another list, too.
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
  catalog: Latest<Catalog>,
  from: Viewpoint,
  kinds: readonly ListKind[],
  policies$: Observable<Concerns> = NEVER,
): Observable<ListChange> => {
  const before = kinds.map((list) => fingerprint(catalog.current.view(from), list));
  return new Observable((subscriber) => {
    const digests = [...before];
    subscriber.add(
      policies$.subscribe((concerns) => {
        const view = catalog.current.view(from);
        for (const list of kinds) if (holds(view, list, concerns)) subscriber.next({ kind: 'list', list });
      }),
    );
    return catalog.changes$.subscribe({
      next(next) {
        const view = next.view(from);
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

/** Whether something in a list is of a server that is concerned. */
const holds = (view: View | undefined, list: ListKind, concerns: Concerns): boolean => {
  if (view === undefined) return false;
  const concerned = new Set(view.servers.filter(({ settings }) => concerns(settings.name)));
  if (concerned.size === 0) return false;
  const lists = list === 'resources' ? [view.resources, view.templates] : [view[list]];
  for (const entries of lists)
    for (const { server } of entries.values()) if (concerned.has(server)) return true;
  return false;
};
