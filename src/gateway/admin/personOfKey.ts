import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminKeySettings } from '../../config/adminSettings.js';
import type { Person } from './person.js';
import { personWith } from './personWith.js';

/** Who has that key; all keys are looked at, so that the time it takes says nothing of which one fits. */
export const personOfKey = (keys: readonly AdminKeySettings[], given: string): Person | undefined => {
  const digest = createHash('sha256').update(given).digest();
  let found: AdminKeySettings | undefined;
  for (const key of keys) if (timingSafeEqual(key.digest.reveal(), digest)) found = key;
  return found && personWith(found);
};
