import { compiledRule } from '../../../src/protocol/redaction/compiledRule.js';
import type { RedactionRule } from '../../../src/protocol/redaction/redactionRule.js';
import { Redactor } from '../../../src/protocol/redaction/redactor.js';

/** A rule as the configuration gives it. */
export const rule = (parts: Partial<RedactionRule>): RedactionRule => ({
  name: 'rule',
  detect: [],
  patterns: [],
  paths: [],
  action: 'mask',
  keepLast: 0,
  ...parts,
});

/** A redactor with these rules and a key that is always the same. */
export const redactorOf = (...rules: readonly Partial<RedactionRule>[]): Redactor =>
  new Redactor(
    rules.map((parts) => compiledRule(rule(parts))),
    {
      key: Buffer.from('k'.repeat(32)),
      direction: 'results',
      ownPatterns: rules.some(({ patterns = [] }) => patterns.length > 0),
    },
  );
