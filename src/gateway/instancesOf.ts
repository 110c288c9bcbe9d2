import type { NetworkSettings } from '../config/networkSettings.js';
import type { ServerSettings } from '../config/settings.js';
import type { Implementation } from '../protocol/mcp.js';
import type { Way } from '../sources/backends/connectTo.js';
import { longestConnectMs } from '../sources/backends/longestConnectMs.js';
import { mcpBackend } from '../sources/backends/mcp/mcpBackend.js';
import { restBackend } from '../sources/backends/rest/restBackend.js';
import { stdioBackend } from '../sources/backends/stdio/stdioBackend.js';
import type { Backend } from '../streams/backend.js';
import type { Consent } from '../sources/oauth/consent.js';
import { oauthCredentials } from '../sources/oauth/oauthCredentials.js';
import { LiveInstances } from '../streams/balancing/liveInstances.js';
import type { Place } from '../streams/balancing/places.js';
import type { GrantStore } from '../streams/grants.js';
import type { Log } from '../streams/log.js';
import type { Following } from '../streams/roster.js';
import { addressGuardOf } from './addressGuardOf.js';
import { placesOf } from './placesOf.js';
import { probeOf } from './probeOf.js';

/** What servers that want tokens are spoken to with. */
export interface Authorizing {
  readonly grants: GrantStore;
  /** Who can be asked; undefined where nobody watches. */
  readonly consent: Consent | undefined;
}

/** What the connections to all servers have in common. */
export interface Connecting {
  /** Who the gateway says it is. */
  readonly clientInfo: Implementation;
  readonly log: Log;
  readonly authorizing: Authorizing;
  /** Where connections may go. */
  readonly network: () => NetworkSettings;
  /** Largest message taken from a server. */
  readonly maxMessageBytes: number;
}

/** Connects a server's instances: one backend for each address, one for a child process. */
export const instancesOf = (
  settings: ServerSettings,
  { settings$, graceMs }: Following,
  connecting: Connecting,
): LiveInstances => {
  const balancing = settings.type === 'stdio' ? undefined : settings.balancing;
  const guard = addressGuardOf(settings, connecting.network);
  return new LiveInstances({
    server: settings.name,
    places$: placesOf(settings, settings$),
    connect(place) {
      const backend = backendAt({ ...place, guard }, settings, connecting);
      if (settings.type === 'stdio' || balancing?.healthCheck === undefined) return { backend };
      const probe = probeOf(balancing.healthCheck, { ...place, guard }, backend, settings.headers);
      return { backend, ...(probe !== undefined && { probe }) };
    },
    balancing,
    graceMs,
    log: connecting.log,
  });
};

const backendAt = (
  { url, at, guard }: Place & Way,
  settings: ServerSettings,
  { clientInfo, log, authorizing: { grants, consent }, network: rules, maxMessageBytes }: Connecting,
): Backend => {
  const way = { guard, ...(at !== undefined && { at }) };
  switch (settings.type) {
    case 'rest':
      return restBackend({ settings, url, ...way, log, maxResponseBytes: maxMessageBytes });
    case 'mcp': {
      const { name, headers, protocol, oauth } = settings;
      return mcpBackend({
        name,
        url,
        ...way,
        headers,
        credentials:
          oauth &&
          oauthCredentials({ server: name, url, settings: oauth, rules, store: grants, consent, log }),
        protocol,
        log,
        clientInfo,
        connectMs: longestConnectMs(settings),
        maxMessageBytes,
      });
    }
    case 'stdio': {
      const { name, command, args, env, cwd, protocol } = settings;
      return stdioBackend({ name, command, args, env, cwd, protocol, log, clientInfo, maxMessageBytes });
    }
  }
};
