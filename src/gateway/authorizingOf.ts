import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import { memoryGrants } from '../stores/memoryGrants.js';
import type { Latest } from '../streams/latest.js';
import type { Log } from '../streams/log.js';
import { connectingPeople } from './connectingPeople.js';
import { grantsOf } from './grantsOf.js';
import type { Authorizing } from './connecting.js';
import { peopleGrants } from './peopleGrants.js';
import type { Stores } from './stores.js';

/** What servers that want tokens are spoken to with, as far as it is not given. */
export const authorizingOf = (
  settings: Latest<Settings>,
  stores: Stores,
  keys: Latest<Secrets>,
  log: Log,
  given: Partial<Authorizing> = {},
): Authorizing => {
  const shared = stores.grants?.(keys);
  const people = given.people ?? shared ?? peopleGrants(settings, keys);
  return {
    grants: grantsOf(settings),
    tokens: shared ?? memoryGrants(limits.maxGrants),
    people,
    connecting: connectingPeople({ settings, keys, people, counters: stores.counters, log }),
    consent: undefined,
    ...given,
  };
};
