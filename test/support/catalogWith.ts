import type { AccessSettings } from '../../src/config/accessSettings.js';
import type { Settings } from '../../src/config/settings.js';
import { applyEvent, emptyCatalog, type Catalog } from '../../src/streams/catalog.js';
import type { ServerState } from '../../src/streams/serverState.js';

/** A catalogue of these servers with what they offer, as these tenants and policies let it be seen. */
export const catalogWith = (
  access: AccessSettings | undefined,
  ...servers: readonly ServerState[]
): Catalog => {
  const settings = {
    naming: { separator: '_' },
    namespaces: [],
    blockedTools: [],
    servers: [],
    ...(access !== undefined && { access }),
  };
  const configured = applyEvent(emptyCatalog, {
    kind: 'configured',
    servers,
    settings: settings as unknown as Settings,
  });
  return servers.reduce(
    (catalog, server) =>
      server.offer === undefined
        ? catalog
        : applyEvent(catalog, { kind: 'offered', server, offer: server.offer }),
    configured,
  );
};
