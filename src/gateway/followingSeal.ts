import type { Settings } from '../config/settings.js';
import { stateSeal, type StateSeal } from '../protocol/sealedState.js';
import type { Secrets } from '../protocol/sealer.js';
import type { Latest } from '../streams/latest.js';
import { perSettings } from './perSettings.js';

/** A seal that always uses the current secrets and lifetime: a call that began before a rotation ends after it. */
export const followingSeal = (settings: Latest<Settings>, keys: Latest<Secrets>): StateSeal => {
  const seals = perSettings(settings, ({ state: { ttlMs } }) =>
    stateSeal({ keys: keys.current, ttlMs, now: Date.now }),
  );
  return {
    seal: (state) => seals.current.seal(state),
    open: (text) => seals.current.open(text),
  };
};
