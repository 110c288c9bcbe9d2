import { compiledExpression } from './compiledExpression.js';
import { compiledPatch } from './compiledPatch.js';
import type { Rewrite } from './rewrite.js';
import type { RewriteRule } from './rewriteRule.js';

/** A rule, ready for work. @throws RewriteError that says what is wrong with it */
export const compiledRewrite = (rule: RewriteRule): Rewrite =>
  'jsonata' in rule ? compiledExpression(rule.jsonata) : compiledPatch(rule.patch);
