import type { Outcome } from '../errors.js';

/** Who called, as far as it is known: what vouches for somebody is named, never shown. Of an API key `id` names it. */
export interface RecordedCaller {
  readonly id: string;
  readonly method: string;
  readonly user?: string | undefined;
  readonly client?: string | undefined;
  readonly tenant?: string | undefined;
  readonly roles?: readonly string[] | undefined;
}

/** One attempt at a call; times in milliseconds from its arrival. */
export interface RecordedAttempt {
  readonly instance: string;
  readonly kind: 'first' | 'retry' | 'hedge';
  readonly started_ms: number;
  readonly duration_ms?: number | undefined;
  readonly outcome?: string | undefined;
  readonly error?: string | undefined;
}

/** What policies said of a call. */
export interface RecordedDecision {
  readonly allow: boolean;
  readonly policy: string;
  /** In the policy's own words; of a policy that could not be asked, what kept it from that. */
  readonly reason?: string | undefined;
  /** What was asked for beside: of headers the names, for their values may be secret. */
  readonly obligations?:
    | {
        readonly mask?: readonly string[] | undefined;
        readonly headers?: readonly string[] | undefined;
        readonly scopes?: readonly string[] | undefined;
        readonly per_minute?: number | undefined;
      }
    | undefined;
}

/** What a person said of a call that needs an approval. */
export interface RecordedApproval {
  /** `asked`: the answer comes with another request. `remembered`: approved with an earlier call. `unasked`: the client can't be asked. */
  readonly answer: 'asked' | 'approved' | 'remembered' | 'denied' | 'cancelled' | 'timed_out' | 'unasked';
  /** Who answered. */
  readonly by?: string | undefined;
  /** When it was answered, ISO 8601. */
  readonly at?: string | undefined;
  readonly reason?: string | undefined;
}

/** A step that a call has passed, or that has refused it; times in milliseconds from its arrival. */
export interface RecordedStage {
  readonly name: string;
  readonly start_ms: number;
  readonly duration_ms: number;
}

/**
 * One call that has ended, or was refused: what audit, analytics and the console are told. Plain data, that crosses processes and is
 * written as it is; what is not known is undefined. Published as schema/audit-record.schema.json.
 */
export interface CallRecord {
  /** When it ended, ISO 8601. */
  readonly time: string;
  readonly kind: 'call';
  /** The log's `request_id`. */
  readonly id: string;
  readonly trace_id: string;
  /** Which of several gateways that share their sessions. */
  readonly gateway?: string | undefined;
  readonly who?: RecordedCaller | undefined;
  readonly address?: string | undefined;
  readonly transport: string;
  /** The revision of MCP that the client speaks. */
  readonly revision: string;
  readonly namespace?: string | undefined;
  /** Tells sessions apart: a digest, for the id is a secret. */
  readonly session?: string | undefined;
  readonly method: string;
  readonly server?: string | undefined;
  /** The exposed name of the tool or prompt, or the resource's URI. */
  readonly target?: string | undefined;
  readonly instance?: string | undefined;
  readonly attempts: number;
  /** The attempts, where there was more than one or one failed. */
  readonly tried?: readonly RecordedAttempt[] | undefined;
  /** Whether its answer came from memory; undefined where answers like it are not remembered. */
  readonly cache?: 'hit' | 'miss' | undefined;
  readonly decision?: RecordedDecision | undefined;
  readonly approval?: RecordedApproval | undefined;
  /** Redacted; only where the settings ask for them. */
  readonly arguments?: unknown;
  readonly outcome: Outcome;
  /** Code of the error it ended with. */
  readonly error?: string | undefined;
  /** What the caller was told of the error. */
  readonly reason?: string | undefined;
  /** Size of the request's message. */
  readonly bytes_in: number;
  /** Size of all that was sent to the client for it; undefined where the way out is not counted. */
  readonly bytes_out?: number | undefined;
  readonly duration_ms: number;
  /** What it has passed, in order. */
  readonly stages?: readonly RecordedStage[] | undefined;
}
