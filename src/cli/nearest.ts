import { suggest } from '../config/suggest.js';

/** The tool that was probably meant: one whose own name it is, without the server's prefix, or one that is a few typos away. */
export const nearest = (word: string, names: readonly string[]): string | undefined =>
  names.find((name) => name.endsWith(`_${word}`)) ?? suggest(word, names);
