import { defer, EMPTY, of } from 'rxjs';
import type { GrantRecord, GrantStore } from '../streams/grants.js';

/**
 * Grants in this process: gone with it.
 *
 * @param max so many at most; the one written longest ago gives way
 */
export const memoryGrants = (max = Infinity): GrantStore => {
  const records = new Map<string, GrantRecord>();
  return {
    read: (key) => defer(() => of(records.get(key))),
    write: (key, record) =>
      defer(() => {
        records.delete(key);
        records.set(key, record);
        const [oldest] = records.keys();
        if (records.size > max && oldest !== undefined) records.delete(oldest);
        return EMPTY;
      }),
  };
};
