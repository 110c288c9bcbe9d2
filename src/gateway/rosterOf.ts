import type { Settings } from '../config/settings.js';
import type { Latest } from '../streams/latest.js';
import { Roster } from '../streams/roster.js';
import type { Connecting } from './connecting.js';
import { instancesOf } from './instancesOf.js';
import { paces } from './paces.js';

/** Holds the connections to the servers of the settings. */
export const rosterOf = (
  settings: Latest<Settings>,
  options: Omit<Connecting, 'network' | 'maxMessageBytes'>,
): Roster => {
  const { backendMessageBytes } = settings.current.buffers;
  return new Roster({
    connect: (server, following) =>
      instancesOf(server, following, {
        ...options,
        network: () => settings.current.network,
        maxMessageBytes: backendMessageBytes,
      }),
    log: options.log,
    backoff: paces.backoff,
    minAgeMs: paces.listAgeMs,
  });
};
