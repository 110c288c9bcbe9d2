import { defer, EMPTY, of } from 'rxjs';
import type { GrantRecord, GrantStore } from '../streams/grants.js';

/** Grants in this process: gone with it. */
export const memoryGrants = (): GrantStore => {
  const records = new Map<string, GrantRecord>();
  return {
    read: (key) => defer(() => of(records.get(key))),
    write: (key, record) =>
      defer(() => {
        records.set(key, record);
        return EMPTY;
      }),
  };
};
