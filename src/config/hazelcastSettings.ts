import type { Secret } from './secret.js';

/** A Hazelcast cluster. */
export interface HazelcastSettings {
  readonly clusterName: string;
  /** Members, as `host:port`; one that answers names the others. */
  readonly addresses: readonly string[];
  readonly credentials?: { readonly username: string; readonly password: Secret };
  /** Absolute paths of files in PEM; an empty object trusts what the system trusts. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}
