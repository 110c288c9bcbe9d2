import type { DetectorName } from './detectors.js';

/** What becomes of what a rule finds. */
export type RedactionAction = 'mask' | 'hash' | 'drop' | 'refuse';

/** One rule: what to find, where, and what becomes of it. At least one of `detect`, `patterns` and `paths` names something. */
export interface RedactionRule {
  /** Shown in place of what was found, and in refusals. */
  readonly name: string;
  readonly detect: readonly DetectorName[];
  /** Patterns of RE2. */
  readonly patterns: readonly string[];
  /** JSON paths; beside `detect` or `patterns` the only places where these look. */
  readonly paths: readonly string[];
  readonly action: RedactionAction;
  /** How many characters at the end of a masked text stay readable. */
  readonly keepLast: number;
}
