import type { RewriteRule } from '../protocol/transform/rewriteRule.js';

/** What calls of tools and their answers become on their way: said of all, of a server, of a tool. What is missing changes nothing. */
export interface TransformSettings {
  /** Whether `_context` is added to arguments: where the tool's schema has room for it, or `always`. */
  readonly context?: boolean | 'always';
  readonly arguments?: RewriteRule;
  readonly result?: RewriteRule;
  /** Whether results that tell of an error of the tool are rewritten too. */
  readonly toolErrors?: boolean;
}
