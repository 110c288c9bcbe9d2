import type { CompiledRule } from './compiledRule.js';
import { findings, type Finding } from './findings.js';

/** One escaped character of ASCII, however often it was escaped: `%40`, `%2540`. */
const escaped = /%(?:25){0,8}([2-7][0-9a-f])/gi;

/** What rules find in a text, also where parts of it are escaped as in a URL. As {@link findings} otherwise. */
export const foundIn = (text: string, rules: readonly CompiledRule[]): readonly Finding[] => {
  if (!text.includes('%')) return findings(text, rules);
  const pieces: string[] = [];
  let at = 0;
  let length = 0;
  /** Where stretches of the plain text begin, and where in the text they do. */
  const plain = [0];
  const origin = [0];
  for (const match of text.matchAll(escaped)) {
    pieces.push(text.slice(at, match.index), String.fromCharCode(Number.parseInt(match[1] ?? '', 16)));
    length += match.index - at;
    plain.push(length, ++length);
    at = match.index + match[0].length;
    origin.push(match.index, at);
  }
  if (at === 0) return findings(text, rules);
  const found = findings(pieces.join('') + text.slice(at), rules);
  const placeOf = (position: number): number => {
    const stretch = lastUpTo(plain, position);
    return (origin[stretch] ?? 0) + position - (plain[stretch] ?? 0);
  };
  return found.map((one) => ({
    ...one,
    context: placeOf(one.context),
    start: placeOf(one.start),
    end: placeOf(one.end),
  }));
};

/** The last of sorted numbers that is not above a limit. */
const lastUpTo = (sorted: readonly number[], limit: number): number => {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
};
