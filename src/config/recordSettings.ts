import type { RedactionRule } from '../protocol/redaction/redactionRule.js';

/** Where requests and answers are recorded, to be replayed. */
export interface RecordSettings {
  /** Absolute path of a folder. */
  readonly folder: string;
  /** Share of sessions, 0 to 1. */
  readonly sample: number;
  /** What is taken out, besides all that `redact` takes out of calls. */
  readonly rules: readonly RedactionRule[];
  /** JSON paths into answers that are not compared by whoever replays it. */
  readonly ignore: readonly string[];
  /** Size at which a file is followed by the next. */
  readonly maxBytes: number;
  /** How many files stay. */
  readonly keep: number;
}
