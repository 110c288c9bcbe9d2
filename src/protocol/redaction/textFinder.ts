import { RE2JS } from 're2js';
import { detectors } from './detectors.js';
import type { RedactionRule } from './redactionRule.js';
import type { Span } from './span.js';

/** No detector finds anything shorter: `a@b.cc`. */
const leastLength = 6;

/** Something found in a text. */
export interface Found extends Span {
  /** The detector's name, or the rule's. */
  readonly label: string;
}

/**
 * What finds the values of a rule in a text; undefined for a rule that is about places only.
 *
 * Own patterns run on an engine that is linear in the text, whoever has written them (RE2). Throws its `SyntaxError`-like complaint about a
 * pattern that it does not know.
 */
export const textFinder = ({
  name,
  detect,
  patterns,
}: Pick<RedactionRule, 'name' | 'detect' | 'patterns'>): ((text: string) => Found[]) | undefined => {
  if (detect.length === 0 && patterns.length === 0) return undefined;
  const compiled = patterns.map((pattern) => RE2JS.compile(pattern));
  return (text) => {
    const found: Found[] = [];
    if (text.length >= leastLength)
      for (const label of detect) for (const span of detectors[label](text)) found.push({ ...span, label });
    for (const pattern of compiled)
      for (const span of fits(pattern, text)) found.push({ ...span, label: name });
    return found;
  };
};

const fits = (pattern: RE2JS, text: string): Span[] => {
  const matcher = pattern.matcher(text);
  const spans: Span[] = [];
  while (matcher.find()) {
    const start = matcher.start();
    if (matcher.end() > start) spans.push({ start, end: matcher.end(), context: start });
  }
  return spans;
};
