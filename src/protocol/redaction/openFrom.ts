/** As far back as a value is looked for that has begun and is not yet to be recognised as one. */
const maxOpen = 512;
/** A value of somebody's own pattern may begin this far from the end; how one begins nobody knows. */
const ownOpen = 256;

/** How values begin, up to the end of the text. Each is bounded, and looked for in the last characters only. */
const beginnings: readonly RegExp[] = [
  /(?<![^\s"'<>,;{}[\]|])[^\s"'<>,;{}[\]|]+$/, // a word: of an address, a token, a key
  /[+(\d][\d ()./-]{0,48}$/, // a number with separators
  /(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}[A-Za-z0-9 \u00a0-]{0,48}$/, // an IBAN
  /(?:bearer|basic|dpop|passw(?:or)?d|passphrase|pwd|secret|token|key|credential)[A-Za-z0-9_-]{0,16}\\?["']?[ \t]{0,4}[:=]{0,2}>?[ \t]{0,4}\\?["']?[^\s"']*$/i,
  /-----BEGIN[A-Z0-9 -]{0,96}$/,
];

/**
 * From where on a text may hold the beginning of a value whose rest is still to come; its length where there is none.
 *
 * @param own whether patterns of somebody's own look at it
 */
export const openFrom = (text: string, own: boolean): number => {
  const offset = Math.max(text.length - maxOpen, 0);
  const tail = text.slice(offset);
  const starts = beginnings.map((beginning) => tail.search(beginning)).filter((start) => start !== -1);
  if (own && text !== '') starts.push(Math.max(tail.length - ownOpen, 0));
  let from = Math.min(tail.length, ...starts);
  // `key` may be the end of `api_key`.
  while (from > 0 && /[A-Za-z0-9_.-]/.test(tail.charAt(from - 1))) from--;
  return offset + from;
};
