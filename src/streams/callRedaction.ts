import type { Redactor } from '../protocol/redaction/redactor.js';

/** What is redacted of one call: either direction, or both. */
export interface CallRedaction {
  /** Of what goes to the server. */
  readonly arguments: Redactor | undefined;
  /** Of what comes from it. */
  readonly results: Redactor | undefined;
  /** How long a part of a text is held back, in milliseconds. */
  readonly holdMs: number;
}
