import type { ServerSettings } from '../config/settings.js';
import { LiveInstances } from '../streams/balancing/liveInstances.js';
import type { Following } from '../streams/roster.js';
import { addressGuardOf } from './addressGuardOf.js';
import { backendAt } from './backendAt.js';
import type { Connecting } from './connecting.js';
import { placesOf } from './placesOf.js';
import { probeOf } from './probeOf.js';

/** Connects a server's instances: one backend for each address, one for a child process. */
export const instancesOf = (
  settings: ServerSettings,
  { settings$, graceMs }: Following,
  connecting: Connecting,
): LiveInstances => {
  const balancing = settings.type === 'stdio' ? undefined : settings.balancing;
  const way = {
    guard: addressGuardOf(settings, connecting.network),
    tls: settings.type === 'stdio' ? undefined : settings.tls,
  };
  return new LiveInstances({
    server: settings.name,
    places$: placesOf(settings, settings$),
    connect(place) {
      const backend = backendAt({ ...place, ...way }, settings, connecting);
      if (settings.type === 'stdio' || balancing?.healthCheck === undefined) return { backend };
      const probe = probeOf(balancing.healthCheck, { ...place, ...way }, backend, settings.headers);
      return { backend, ...(probe !== undefined && { probe }) };
    },
    balancing,
    graceMs,
    log: connecting.log,
  });
};
