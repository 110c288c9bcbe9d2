import { jsonPath, type JsonPath } from './jsonPath.js';
import type { RedactionRule } from './redactionRule.js';
import { textFinder, type Found } from './textFinder.js';

/** A rule ready for use. */
export interface CompiledRule extends Pick<RedactionRule, 'name' | 'action' | 'keepLast'> {
  /** Undefined for a rule that is about whole values. */
  readonly find: ((text: string) => Found[]) | undefined;
  /** Empty for a rule that looks everywhere. */
  readonly paths: readonly JsonPath[];
}

/** Makes a rule ready for use. Throws what is wrong with its patterns or paths. */
export const compiledRule = (rule: RedactionRule): CompiledRule => ({
  name: rule.name,
  action: rule.action,
  keepLast: rule.keepLast,
  find: textFinder(rule),
  paths: rule.paths.map(jsonPath),
});
