import { limits } from '../config/limits.js';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import { memoryGrants } from '../stores/memoryGrants.js';
import type { Latest } from '../streams/latest.js';
import { grantsOf } from './grantsOf.js';
import type { Authorizing } from './connecting.js';
import type { Stores } from './stores.js';

/** What servers that want tokens are spoken to with, as far as it is not given. */
export const authorizingOf = (
  settings: Latest<Settings>,
  stores: Stores,
  keys: Latest<Secrets>,
  given: Partial<Authorizing> = {},
): Authorizing => ({
  grants: grantsOf(settings),
  tokens: stores.grants?.(keys) ?? memoryGrants(limits.maxGrants),
  consent: undefined,
  ...given,
});
