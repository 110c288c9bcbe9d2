import type { Span } from './span.js';

/**
 * Where a pattern fits in a text.
 *
 * JavaScript's own engine goes back and forth: every pattern handed in must be bounded (`{0,64}`, never `*` over what the rest of it may
 * start with) and begin behind something that can't be inside of it, so that the work is so many steps a character at most.
 *
 * @param pattern with the flag `g`, never fitting nothing at all; a group named `value` is what is meant, where it is not all of it
 * @param accept has the last word
 */
export const matchSpans = (
  text: string,
  pattern: RegExp,
  accept: (value: string) => boolean = () => true,
): Span[] => {
  const spans: Span[] = [];
  // `matchAll` copies the pattern for each text: ten times the price of looking at a short one.
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const value = match.groups?.['value'] ?? match[0];
    if (!accept(value)) continue;
    // The meant part is always at the end of the match.
    const end = match.index + match[0].length;
    spans.push({ start: end - value.length, end, context: match.index });
  }
  return spans;
};
