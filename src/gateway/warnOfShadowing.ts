import type { Catalog } from '../streams/catalog.js';
import type { Log } from '../streams/log.js';
import { shadowings } from './shadowings.js';

/** So much is remembered; beyond it all may be told of once more. */
const maxTold = 1000;

/**
 * Says, once for each two servers, that a tool of one looks like one of the other, or speaks of it: a model may take it for that.
 *
 * @returns to be told of new catalogues
 */
export const warnOfShadowing = (log: Log): ((catalog: Catalog) => void) => {
  const told = new Set<string>();
  return (catalog) => {
    for (const found of shadowings(catalog)) {
      const key = JSON.stringify(found);
      if (told.has(key)) continue;
      if (told.size >= maxTold) told.clear();
      told.add(key);
      log.warn(
        { event: 'tool_shadowing', ...found },
        found.how === 'look_alike'
          ? 'A tool looks like one of another server'
          : 'The description of a tool speaks of one of another server',
      );
    }
  };
};
