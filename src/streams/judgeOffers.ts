import { Observable } from 'rxjs';
import type { Offer } from './backend.js';
import type { CatalogEvent } from './catalog.js';
import { judgedOffer, type IntegrityRules } from './judgedOffer.js';
import type { Latest } from './latest.js';
import type { Instances } from './serverState.js';

type Offered = Extract<CatalogEvent, { kind: 'offered' }>;

/**
 * Holds back what nobody has approved before it enters the catalogue: lists, calls, everything looks there. When the rules change, what was
 * offered last is judged once more.
 *
 * ```
 * events       --o----------
 * rules        ------r------
 * judgeOffers  --O---O'-----
 * ```
 */
export const judgeOffers =
  (rules: Latest<IntegrityRules>) =>
  (events$: Observable<CatalogEvent>): Observable<CatalogEvent> =>
    new Observable((subscriber) => {
      const last = new Map<Instances, Offered>();
      /** By the offer as it came: the same one, judged by the same rules, is the same object and no news. */
      let judged = new WeakMap<Offer, Offer>();
      let by: IntegrityRules | undefined;
      const judge = (event: Offered): Offered => {
        if (by !== rules.current) judged = new WeakMap();
        by = rules.current;
        const offer = judged.get(event.offer) ?? judgedOffer(event.server.settings.name, event.offer, by);
        judged.set(event.offer, offer);
        return { ...event, offer };
      };
      subscriber.add(
        events$.subscribe({
          next: (event) => {
            if (event.kind === 'configured') forget(last, event.servers);
            if (event.kind === 'offered') last.set(event.server.instances, event);
            subscriber.next(event.kind === 'offered' ? judge(event) : event);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        }),
      );
      subscriber.add(
        rules.changes$.subscribe(() => {
          if (by !== rules.current) for (const event of last.values()) subscriber.next(judge(event));
        }),
      );
    });

const forget = (
  last: Map<Instances, Offered>,
  servers: readonly { readonly instances: Instances }[],
): void => {
  const known = new Set(servers.map(({ instances }) => instances));
  for (const instances of last.keys()) if (!known.has(instances)) last.delete(instances);
};
