import type { Catalog } from '../streams/catalog.js';
import type { Log } from '../streams/log.js';
import { sharedNames } from './sharedNames.js';

/** So many pairs of servers are remembered; beyond them all may be told of once more. */
const maxTold = 1000;

/**
 * Says, once for each two servers, that tools of both would be called alike: nobody should call the one and mean the other.
 *
 * @returns to be told of new catalogues
 */
export const warnOfSharedNames = (log: Log): ((catalog: Catalog) => void) => {
  const told = new Set<string>();
  return (catalog) => {
    for (const shared of sharedNames(catalog)) {
      const pair = JSON.stringify([shared.server, shared.hidden]);
      if (told.has(pair)) continue;
      if (told.size >= maxTold) told.clear();
      told.add(pair);
      log.warn(
        { event: 'shared_tool', ...shared },
        'Tools of two servers would be called alike: the one that came first keeps the name',
      );
    }
  };
};
