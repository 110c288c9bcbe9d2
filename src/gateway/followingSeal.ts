import type { Settings } from '../config/settings.js';
import { stateSeal, type StateSeal } from '../protocol/sealedState.js';
import type { Secrets } from '../protocol/sealer.js';
import { select, type Latest } from '../streams/latest.js';

/** A seal that always uses the current secrets and lifetime: a call that began before a rotation ends after it. */
export const followingSeal = (settings: Latest<Settings>, keys: Latest<Secrets>): StateSeal => {
  const seals = select(settings, ({ state: { ttlMs } }) =>
    select(keys, (current) => stateSeal({ keys: current, ttlMs, now: Date.now })),
  );
  return {
    seal: (state) => seals.current.current.seal(state),
    open: (text) => seals.current.current.open(text),
  };
};
