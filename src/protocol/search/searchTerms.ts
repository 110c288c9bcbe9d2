/** So much of a text is looked at, in characters: what follows says nothing new of a tool, and a question is short. */
const maxText = 4000;
/** Longer words are nobody's. */
const maxTerm = 40;

/** Scripts without spaces between words. */
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{2,}/gu;

/**
 * The words of a text, as they are searched by: without case, accents, width and what is invisible; names in parts (`getOrder_byId`); what
 * is written without spaces in pairs of characters.
 *
 * @param most so many at most
 */
export const searchTerms = (text: string, most: number): string[] => {
  const plain = text
    .slice(0, maxText)
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]+/gu, '')
    .replace(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replace(unspaced, (run) => ` ${pairs(run).join(' ')} `);
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return words.slice(0, most).map((word) => word.slice(0, maxTerm));
};

const pairs = (run: string): string[] => {
  const signs = Array.from(run);
  return signs.slice(1).map((sign, index) => `${signs[index] ?? ''}${sign}`);
};
