/** What stands where a secret would: a variable, a placeholder, what has been blotted out. */
const placeholder =
  /^(?:\$\{?|\{\{|<|\[|%|x{4,}$|\*{3,}|\.{3,}|(?:your|my|some|example|changeme|placeholder|redacted|null|none|true|false|undefined)\b)/i;

/**
 * Whether a text that follows `password=` and the like is a secret rather than a word: two kinds of characters, and enough of them that
 * differ (Shannon's entropy, in bits a character).
 *
 * @param least bits a character
 */
export const looksSecret = (text: string, least: number): boolean => {
  if (text.length < 6 || placeholder.test(text)) return false;
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9\s]/].filter((kind) => kind.test(text)).length;
  return kinds >= 2 && entropy(text.slice(0, 256)) >= least;
};

const entropy = (text: string): number => {
  const counts = new Map<string, number>();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};
