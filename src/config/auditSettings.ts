import type { Secret } from './secret.js';

/** Where the audit trail goes. */
export interface AuditSettings {
  /** Absolute. */
  readonly file: string;
  /** Size at which the file is put aside. */
  readonly maxBytes: number;
  /** How many are kept aside. */
  readonly keep: number;
  readonly chain: boolean;
  /** Makes the hashes of the chain; undefined for hashes that everybody can make. */
  readonly key?: Secret;
}
