import { hasDigits } from './hasDigits.js';
import { matchSpans } from './matchSpans.js';
import type { Span } from './span.js';

/** International: `+` and a country code, or `00` and one with a separator behind it; 7 to 14 more digits, single separators (E.164). */
const international =
  /(?<![\w+])(?:\+[1-9]|00[1-9]\d{0,2}(?=[ ./-]))(?:[ ./-]?(?:\(\d{1,4}\) ?)?\d){7,14}(?!\w)/g;
/** North America: three, three, four; neither of the first two begins with 0 or 1. */
const american = /(?<![\w.+-])(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}(?![\w-])(?!\.\d)/g;
/** National with a leading 0: an area code, a separator, a number; or pairs, as the French write. */
const national =
  /(?<![\w.+/-])(?:\(0\d{2,4}\) ?|0\d{2,4}[ /-])\d{3,4}[ -]?\d{3,5}(?![\w-])(?!\.\d)|(?<![\w.+/-])0[1-9](?:[ .-]\d{2}){4}(?![\w-])(?!\.\d)/g;

/**
 * Finds telephone numbers that look like ones: international, or national in a common form. Bare digits are none: order numbers,
 * times in milliseconds and ids look the same.
 */
export const phoneSpans = (text: string): Span[] =>
  hasDigits(text, 7) ? [international, american, national].flatMap((form) => matchSpans(text, form)) : [];
