import { randomBytes } from 'node:crypto';
import type { Settings } from '../config/settings.js';
import type { Secrets } from '../protocol/sealer.js';
import type { Latest } from '../streams/latest.js';
import { perSettings } from './perSettings.js';

/**
 * The gateway's current secrets, following the configuration: the one place where everything that clients carry sealed (the state
 * of a call, cursors, ids of tasks) takes its keys from. Each use derives a key of its own from them.
 *
 * Where the configuration names none, one is made for the life of the process. It stays last in the ring when keys are added
 * later, so that what was sealed with it before the change still opens.
 */
export const stateKeys = (settings: Latest<Settings>): Latest<Secrets> => {
  const own = randomBytes(32);
  let used = false;
  return perSettings(settings, ({ state }) => {
    const [newest, ...older] = state.keys.map((key) => key.reveal());
    used ||= newest === undefined;
    if (newest === undefined) return [own];
    return used ? [newest, ...older, own] : [newest, ...older];
  });
};
