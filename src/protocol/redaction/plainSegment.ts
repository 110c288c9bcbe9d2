/** A number, or a word with one: `2024`, `v1`, `oauth2`. */
const numbered = /^(?:\d{1,6}|[A-Za-z]{1,10}\d{1,3})$/;
const longestWord = 24;
/** Letters a word of `getCustomerOrders` has on the average at least; in what was drawn by lot, capitals and small ones change faster. */
const leastOfWord = 2.5;

/**
 * Whether a segment of a path is made of words, as `mcp`, `v1`, `customer-orders`, `getOrders` and `{id}` are, and so tells nobody
 * anything that lets him in; what a webhook has in its path is not.
 */
export const plainSegment = (segment: string): boolean =>
  segment
    .replace(/\{[^{}]*\}|\*+/g, '')
    .split(/[-_.:~+,;=@!()$& ]/)
    .every((word) => word === '' || numbered.test(word) || isWord(word));

const isWord = (word: string): boolean => {
  if (!/^\p{L}+$/u.test(word)) return false;
  const words = word.match(/\p{Lu}?[^\p{Lu}]+|\p{Lu}+/gu) ?? [];
  return (
    words.every(({ length }) => length <= longestWord) &&
    (words.length < 3 || word.length / words.length >= leastOfWord)
  );
};
