import type { RedactionRule } from '../protocol/redaction/redactionRule.js';
import type { Secret } from './secret.js';

/** A rule and the calls it is about. Globs; what is missing limits nothing. */
export interface ScopedRedaction extends RedactionRule {
  readonly direction: 'arguments' | 'results' | 'both';
  readonly servers?: readonly string[];
  /** By the server's own name or the exposed one; with it the rule is about tools only. */
  readonly tools?: readonly string[];
  readonly tenants?: readonly string[];
}

/** What is taken out of what calls carry. */
export interface RedactSettings {
  /** In the order they were written, which decides where two find the same. */
  readonly rules: readonly ScopedRedaction[];
  /** Of hashes; undefined for one derived from the keys of state. */
  readonly key?: Secret;
  /** Longest time a part of a streamed text is held back because a value may go on in the next, in milliseconds. */
  readonly holdMs: number;
}
