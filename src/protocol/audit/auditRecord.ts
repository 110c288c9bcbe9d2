import type { CallRecord, RecordedCaller } from './callRecord.js';

/** What is common to all records. */
interface Noted {
  /** ISO 8601. */
  readonly time: string;
  /** Which of several gateways that share their sessions. */
  readonly gateway?: string | undefined;
}

/** A session of a 2025-era client has begun, or ended. */
export interface SessionRecord extends Noted {
  readonly kind: 'session_opened' | 'session_closed';
  /** The same digest as in the records of its calls. */
  readonly session: string;
  readonly who?: RecordedCaller | undefined;
  readonly address?: string | undefined;
  readonly transport: string;
  readonly revision: string;
  readonly namespace?: string | undefined;
  /** What the client says it is. */
  readonly client_info?: unknown;
  /** How long it has lived, in milliseconds; of one that has ended. */
  readonly lived_ms?: number | undefined;
}

/** Another version of a policy decides from now on, or one was read that can't be used. */
export interface PolicyRecord extends Noted {
  readonly kind: 'policy_changed' | 'policy_rejected';
  /** `gateway`, `shadow`, or the server that it belongs to. */
  readonly policy: string;
  /** Where it comes from. */
  readonly source: 'bundle' | 'rego' | 'server';
  /** What its maker calls this version. */
  readonly revision?: string | undefined;
  readonly reason?: string | undefined;
}

/** Somebody who looks after the gateway has come in, was not let in, has left, or has ended a session of a client. */
export interface ConsoleRecord extends Noted {
  readonly kind:
    'console_signed_in' | 'console_sign_in_refused' | 'console_signed_out' | 'console_session_ended';
  /** By key or account; undefined for who was not let in. */
  readonly person?:
    | {
        readonly user: string;
        readonly role: string;
        readonly tenant?: string | undefined;
      }
    | undefined;
  readonly method: 'key' | 'oidc';
  readonly address?: string | undefined;
  /** The session that was ended, as in the records of its calls. */
  readonly session?: string | undefined;
}

/** What the gateway itself has done, or lost. */
export type GatewayRecord = Noted &
  (
    | { readonly kind: 'started'; readonly release: string }
    | { readonly kind: 'stopped' }
    /** `keys`: the parts of the configuration that are different. */
    | { readonly kind: 'configuration_changed'; readonly keys: readonly string[] }
    /** The file of the trail was taken away, or emptied, by somebody else. */
    | { readonly kind: 'file_lost'; readonly reason: 'removed' | 'replaced' | 'emptied' }
    /** `count` records found no room. */
    | { readonly kind: 'dropped'; readonly count: number }
  );

/** Whatever an audit trail can hold. Published as schema/audit-record.schema.json. */
export type AuditRecord = CallRecord | SessionRecord | PolicyRecord | ConsoleRecord | GatewayRecord;
