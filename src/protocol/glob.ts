/** A test for names against globs (`*` any run of characters, `?` one), as access lists use them. */
export type NameTest = (name: string) => boolean;

/**
 * Compiles globs. Matching is linear in the name's length times the pattern's: there is no backtracking over `*`, so no
 * pattern and no name can make it slow.
 */
export const anyOf = (patterns: readonly string[]): NameTest => {
  if (patterns.length === 0) return () => false;
  return (name) => patterns.some((pattern) => matches(pattern, name));
};

const matches = (pattern: string, name: string): boolean => {
  let p = 0;
  let n = 0;
  let star = -1;
  let mark = 0;
  while (n < name.length) {
    if (pattern[p] === '*') {
      star = p++;
      mark = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
};
