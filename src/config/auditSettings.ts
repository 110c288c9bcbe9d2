import type { ClientTlsSettings } from './clientTlsSettings.js';
import type { Secret } from './secret.js';

/** `sluice`: schema/audit-record.schema.json. `ocsf`: events of the Open Cybersecurity Schema Framework. */
export type AuditFormat = 'sluice' | 'ocsf';

/** Somebody who is sent records in batches. */
export interface ReceiverSettings {
  readonly url: string;
  /** Sent with every batch. Names in lower case. */
  readonly headers: Readonly<Record<string, Secret>>;
  readonly tls?: ClientTlsSettings;
  readonly timeoutMs: number;
}

/** Where the audit trail goes; to all that is named. */
export interface AuditSettings {
  /** Absolute. */
  readonly file?: string;
  /** Size at which the file is put aside. */
  readonly maxBytes: number;
  /** How many are kept aside. */
  readonly keep: number;
  readonly chain: boolean;
  /** Makes the hashes of the chain; undefined for hashes that everybody can make. */
  readonly key?: Secret;
  readonly stdout: boolean;
  readonly http?: ReceiverSettings & { readonly format: AuditFormat };
  readonly otlp?: ReceiverSettings;
  /** Folder of what waits for receivers; absolute. */
  readonly spool: string;
  /** Most that waits for one of them. */
  readonly maxSpoolBytes: number;
  /** Of the file and the standard output. */
  readonly format: AuditFormat;
  /** Whether records have the arguments of calls. */
  readonly arguments: boolean;
  readonly onOverload: 'drop' | 'wait';
}
