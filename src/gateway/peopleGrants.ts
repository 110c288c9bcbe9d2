import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import { folderGrants } from '../stores/folderGrants.js';
import type { GrantStore } from '../streams/grants.js';
import type { Latest } from '../streams/latest.js';
import { grantsPath } from './grantsPath.js';

/**
 * Grants of persons in a folder beside the file with the tokens of servers, following configuration and keys: shared by the workers of a
 * gateway, and there again after a restart where `state.keys` are configured.
 */
export const peopleGrants = (settings: Latest<Settings>, keys: Latest<Secrets>): GrantStore => {
  let last: { readonly path: string; readonly secrets: Secrets; readonly store: GrantStore } | undefined;
  const current = (): GrantStore => {
    const path = grantsPath(settings.current).replace(/(?:\.json)?$/, '.people');
    const secrets = keys.current;
    if (last?.path !== path || last.secrets !== secrets)
      last = { path, secrets, store: folderGrants({ path, secrets, max: limits.maxGrants }) };
    return last.store;
  };
  return {
    read: (key) => current().read(key),
    write: (key, record) => current().write(key, record),
  };
};
