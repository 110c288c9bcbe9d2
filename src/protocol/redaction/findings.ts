import type { CompiledRule } from './compiledRule.js';
import type { Found } from './textFinder.js';

/** Something found, and the rule that wants it. */
export interface Finding extends Found {
  readonly rule: CompiledRule;
}

/**
 * What rules find in a text, in its order, none within another: what overlaps is one. It is the affair of the rule that comes first,
 * but for a refusal, which no other rule can take back.
 */
export const findings = (text: string, rules: readonly CompiledRule[]): readonly Finding[] => {
  const all: Finding[] = [];
  for (const rule of rules) for (const found of rule.find?.(text) ?? []) all.push({ ...found, rule });
  // Most texts hold nothing, and most of them are short.
  if (all.length < 2) return all;
  all.sort((a, b) => a.start - b.start);
  const apart: Finding[] = [];
  for (const next of all) {
    const last = apart.at(-1);
    if (last === undefined || next.start >= last.end) apart.push(next);
    else apart[apart.length - 1] = joined(last, next, rules);
  }
  return apart;
};

const joined = (a: Finding, b: Finding, rules: readonly CompiledRule[]): Finding => {
  const rank = ({ rule }: Finding): number => (rule.action === 'refuse' ? -1 : rules.indexOf(rule));
  const { label, rule } = rank(b) < rank(a) ? b : a;
  const context = Math.min(a.context, b.context);
  return { label, rule, context, start: a.start, end: Math.max(a.end, b.end) };
};
