import type { RedactionRule } from '../protocol/redaction/redactionRule.js';
import type { RawConfig } from './schema.js';

type RawRule = NonNullable<NonNullable<RawConfig['record']>['redact']>[number];

/** A rule as it is written, with its defaults. @param index its place in the list, for a name */
export const toRule = (rule: RawRule, index: number): RedactionRule => ({
  name: rule.name ?? `rule ${index + 1}`,
  detect: rule.detect ?? [],
  patterns: rule.patterns ?? [],
  paths: rule.paths ?? [],
  action: rule.action ?? 'mask',
  keepLast: rule.keep_last ?? 0,
});
