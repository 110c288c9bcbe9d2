import type { Secret } from './secret.js';

/** How the gateway shows itself to a server over TLS, and whom it trusts there. PEM. */
export interface ClientTlsSettings {
  /** In place of what the system trusts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: Secret;
  /** The name its certificate must have, if not that of its address. */
  readonly serverName?: string;
}
