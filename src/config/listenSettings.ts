import type { Secret } from './secret.js';

/** Where clients reach the gateway. */
export interface ListenSettings {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  /** Scheme, host and port as clients see them; undefined for those they name. */
  readonly publicOrigin?: string;
  readonly tls?: TlsSettings;
}

/** The gateway's own certificate. */
export interface TlsSettings {
  /** In PEM, with those that lead to its authority. */
  readonly cert: string;
  readonly key: Secret;
}
