import { RE2JS } from 're2js';

/** Of a pattern as it was written. */
const compiled = new WeakMap<RegExp, RE2JS>();

/**
 * A pattern (RE2 syntax), compiled once. Throws for one that RE2 does not know.
 */
const compile = (pattern: RegExp): RE2JS => {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const flags = (pattern.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (pattern.multiline ? RE2JS.MULTILINE : 0);
  const made = RE2JS.compile(pattern.source, flags);
  compiled.set(pattern, made);
  return made;
};

/**
 * What stands in for `RegExp` where expressions meet texts of strangers: it takes time linear in the text, whatever the pattern (RE2).
 * Only as much of `RegExp` as JSONata uses: `exec`, going on from `lastIndex`.
 */
export class LinearRegExp {
  lastIndex = 0;
  readonly #pattern: RE2JS;

  /** @throws Error for a pattern that RE2 does not know: look-around, back-references */
  constructor(pattern: RegExp) {
    this.#pattern = compile(pattern);
  }

  exec(text: string): { readonly [group: number]: string | null; index: number; length: number } | null {
    const matcher = this.#pattern.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    this.lastIndex = matcher.end();
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_none, index) => matcher.group(index));
    return Object.assign(groups, { index: matcher.start() });
  }
}
