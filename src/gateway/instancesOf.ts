import { asyncScheduler } from 'rxjs';
import type { ServerSettings } from '../config/settings.js';
import type { Implementation } from '../protocol/mcp.js';
import { longestConnectMs } from '../sources/backends/longestConnectMs.js';
import { mcpBackend } from '../sources/backends/mcp/mcpBackend.js';
import { restBackend } from '../sources/backends/rest/restBackend.js';
import { stdioBackend } from '../sources/backends/stdio/stdioBackend.js';
import type { Backend } from '../streams/backend.js';
import type { Consent } from '../sources/oauth/consent.js';
import { oauthCredentials } from '../sources/oauth/oauthCredentials.js';
import type { Standing } from '../streams/balancing/standing.js';
import { standingsOf } from '../streams/balancing/standingsOf.js';
import type { GrantStore } from '../streams/grants.js';
import type { Instance } from '../streams/serverState.js';
import type { Log } from '../streams/log.js';
import { probeOf } from './probeOf.js';

/** What servers that want tokens are spoken to with. */
export interface Authorizing {
  readonly grants: GrantStore;
  /** Who can be asked; undefined where nobody watches. */
  readonly consent: Consent | undefined;
}

/**
 * Connects a server's instances: one backend for each address, one for a child process.
 *
 * @param maxMessageBytes largest message taken from it
 */
export const instancesOf = (
  settings: ServerSettings,
  clientInfo: Implementation,
  log: Log,
  authorizing: Authorizing,
  maxMessageBytes: number,
): readonly Instance[] => {
  const backends = backendsOf(settings, clientInfo, log, authorizing, maxMessageBytes);
  const idOf = (index: number): string => `${settings.name}#${index + 1}`;
  if (settings.type === 'stdio' || settings.balancing === undefined)
    return backends.map((backend, index) => ({ id: idOf(index), backend }));
  const { urls, balancing, headers } = settings;
  const { healthCheck } = balancing;
  const standings = standingsOf(
    backends.map((_backend, index) => urls[index] ?? ''),
    balancing,
    asyncScheduler,
  );
  return backends.map((backend, index): Instance => {
    const probe = healthCheck && probeOf(healthCheck, urls[index] ?? '', backend, headers);
    const standing = standings[index] as Standing;
    return {
      id: idOf(index),
      backend,
      standing,
      ...(index >= urls.length - (balancing.standby ?? 0) && { standby: true as const }),
      ...(probe !== undefined && { probe }),
    };
  });
};

const backendsOf = (
  settings: ServerSettings,
  clientInfo: Implementation,
  log: Log,
  { grants, consent }: Authorizing,
  maxMessageBytes: number,
): readonly Backend[] => {
  switch (settings.type) {
    case 'rest':
      // Without an address its OpenAPI document names it: one instance all the same.
      return (settings.urls.length === 0 ? [''] : settings.urls).map((url) =>
        restBackend({ settings, url, log, maxResponseBytes: maxMessageBytes }),
      );
    case 'mcp': {
      const { name, headers, protocol, urls, oauth } = settings;
      const credentials = (url: string) =>
        oauth && oauthCredentials({ server: name, url, settings: oauth, store: grants, consent, log });
      return urls.map((url) =>
        mcpBackend({
          name,
          url,
          headers,
          credentials: credentials(url),
          protocol,
          log,
          clientInfo,
          connectMs: longestConnectMs(settings),
          maxMessageBytes,
        }),
      );
    }
    case 'stdio': {
      const { name, command, args, env, cwd, protocol } = settings;
      return [stdioBackend({ name, command, args, env, cwd, protocol, log, clientInfo, maxMessageBytes })];
    }
  }
};
